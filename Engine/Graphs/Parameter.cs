using AutogradCore.Optim;
using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>A trainable tensor with its gradient, owned by the module that declares it.</summary>
/// <remarks>It is declared by shape and initialiser first and gets memory from <see cref="Module.Initialize"/>, so a model can be
/// described, split and sized before anything is allocated.</remarks>
public sealed class Parameter : IDisposable
{
    private Tensor? _data;
    private Tensor? _gradient;
    private bool _borrowsData;
    private (int Step, int Count) _runs;

    /// <summary>Declares a parameter of a shape with initial values.</summary>
    public Parameter(in Shape shape, Initializer? initializer = null)
    {
        Shape = shape;
        Initializer = initializer ?? Initializer.Zeros;
    }

    /// <summary>The path of the parameter in its model, such as <c>blocks.0.mlp.up.weight</c>;
    /// empty before initialisation.</summary>
    public string Name { get; internal set; } = "";

    /// <summary>The lengths of the axes.</summary>
    public Shape Shape { get; }

    /// <summary>How the first values are drawn.</summary>
    public Initializer Initializer { get; }

    /// <summary>False freezes it: no gradient is computed, and nothing is kept for one.</summary>
    public bool Trainable { get; set; } = true;

    /// <summary>Whether weight decay applies; by custom not to biases and norm gains.</summary>
    public bool Decays { get; init; } = true;

    /// <summary>Whether memory has been given to it.</summary>
    public bool IsInitialized => _data is not null;

    /// <summary>The values.</summary>
    /// <exception cref="ModelException">The parameter has no memory yet.</exception>
    public Tensor Data => _data ?? throw new ModelException(
        $"{(Name.Length > 0 ? $"Parameter '{Name}'" : "A parameter")} of {Shape} has no values.",
        "call Initialize(backend, seed) on the model before recording with it and before making its optimizer; "
        + "Dispose takes values away");

    /// <summary>Whether a gradient has been accumulated since the last <see cref="ZeroGradient"/>.</summary>
    public bool HasGradient { get; private set; }

    /// <summary>Trainable and with a gradient: what an optimizer updates, and what the global norm is over.</summary>
    public bool AwaitsUpdate => Trainable && HasGradient;

    /// <summary>The accumulated gradient.</summary>
    /// <exception cref="PhaseException">Nothing has been accumulated.</exception>
    public Tensor Gradient => HasGradient
        ? _gradient!
        : throw new PhaseException($"Parameter '{Name}' has no gradient.", "run BackwardWeights() first, or check HasGradient");

    /// <summary>Forgets the gradient and gives its memory back to the pool until the next contribution, which overwrites: nothing
    /// is zero-filled.</summary>
    public void ZeroGradient()
    {
        HasGradient = false;
        _gradient?.GiveMemory();
    }

    /// <summary>Gives the parameter memory on a backend and draws its first values from its name and the seed alone.</summary>
    /// <exception cref="ModelException">It has memory already.</exception>
    /// <exception cref="DTypeException">The type is not one to sum in.</exception>
    public void Initialize(IBackend backend, ulong seed, DType dtype = DType.Float32)
    {
        RequireUninitialized();
        RequireMaster(dtype);
        _data = new Tensor(backend, Shape, dtype);
        Initializer.Fill(_data, Philox.KeyOf(Name, seed));
    }

    /// <exception cref="ModelException">It has memory already.</exception>
    internal void RequireUninitialized()
    {
        if (_data is not null)
            throw new ModelException(
                $"Parameter '{Name}' is initialised already.", "initialise a model once; to restart, build a new one");
    }

    /// <summary>A parameter with given values, outside any module: for experiments and tests.</summary>
    /// <exception cref="DTypeException">The type is not one to sum in.</exception>
    public static Parameter From<T>(IBackend backend, ReadOnlySpan<T> values, in Shape shape, string name = "w")
        where T : unmanaged
    {
        RequireMaster(DTypes.Of<T>());
        return new(shape) { _data = Tensor.From(backend, values, shape), Name = name };
    }

    /// <summary>Updates too small for a rounded weight would be lost, so parameters are never rounded themselves.</summary>
    private static void RequireMaster(DType dtype)
    {
        if (dtype is not (DType.Float32 or DType.Float64))
            throw new DTypeException($"A parameter cannot be {dtype}: it is Float32 or Float64.",
                "keep it in floats, and Cast it where the model reads it");
    }

    /// <summary>A parameter for one more use of this one: with a gradient of its own, and the same values. On the same backend
    /// they are this one's memory; on another, memory of undefined content that its owner keeps equal.</summary>
    public Parameter Replica(IBackend backend)
    {
        bool borrows = backend == Data.Backend;
        return new(Shape, Initializer)
        {
            _data = borrows ? _data : new Tensor(backend, Shape, Data.DType),
            _borrowsData = borrows,
            Name = Name,
            Trainable = Trainable,
            Decays = Decays,
        };
    }

    /// <summary>Adds to the gradient, or makes it, as a weight rule would: for gradients that come from elsewhere.</summary>
    /// <param name="contribution">The elements, where this parameter's backend can read them.</param>
    /// <exception cref="ShapeMismatchException">The shape or element type is not the parameter's.</exception>
    public void AccumulateGradient(in View contribution)
    {
        if (contribution.Shape != Shape || contribution.DType != Data.DType)
            throw new ShapeMismatchException(
                $"The gradient of parameter '{Name}' is {contribution}, but its values are {Data.DType}{Shape}.");
        bool isFirst = !HasGradient;
        Destination target = NextContribution();
        try
        {
            Data.Backend.Copy(contribution, target);
        }
        catch when (isFirst)
        {
            ZeroGradient();
            throw;
        }
    }

    /// <summary>Frees values and gradient; not values that are another parameter's.</summary>
    public void Dispose()
    {
        if (!_borrowsData) _data?.Dispose();
        _gradient?.Dispose();
        (_data, _gradient, HasGradient) = (null, null, false);
    }

    /// <summary>The optimizer made last for it, whose steps count.</summary>
    internal Optimizer? Optimizer { get; set; }

    /// <summary>Steps that its optimizer has taken.</summary>
    internal int Steps => Optimizer?.StepCount ?? 0;

    /// <summary>Runs of graphs with random numbers since its optimizer stood at <paramref name="step"/>.</summary>
    internal int RunsAt(int step) => _runs.Step == step ? _runs.Count : 0;

    /// <summary>Sets <see cref="RunsAt"/>.</summary>
    internal void CountRuns(int step, int count) => _runs = (step, count);

    /// <summary>Lets other memory of the same shape be the values. Graphs that have run forward keep what they read; who owned
    /// the former values still does.</summary>
    internal void Show(Tensor data) => _data = data;

    /// <summary>Swaps the gradient, accumulated or not, with another.</summary>
    internal void ExchangeGradient(ref Tensor? gradient, ref bool isAccumulated)
    {
        (_gradient, gradient) = (gradient, _gradient);
        (HasGradient, isAccumulated) = (isAccumulated, HasGradient);
    }

    /// <summary>Where the next contribution goes: the first overwrites, later ones accumulate.</summary>
    internal Destination NextContribution()
    {
        bool first = !HasGradient || _gradient is not { IsDisposed: false };
        _gradient ??= Tensor.WithoutMemory(Data.Backend, Shape, Data.DType);
        _gradient.TakeMemory();
        HasGradient = true;
        return first ? Into(_gradient.View) : AddTo(_gradient.View);
    }
}
