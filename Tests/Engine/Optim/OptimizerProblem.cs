using AutogradCore.Optim;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

/// <summary>One parameter that decays and one that does not, with a gradient that follows from the step, in double.</summary>
internal sealed class OptimizerProblem : IDisposable
{
    private readonly ReferenceBackend _backend = new();
    private readonly Tensor[] _inputs = new Tensor[2];

    public OptimizerProblem()
    {
        Model.Initialize(_backend, seed: 1, DType.Float64);
        for (int i = 0; i < 2; i++)
        {
            Parameters[i].Data.CopyFrom<double>(Start(i));
            _inputs[i] = new Tensor(_backend, [2], DType.Float64);
        }
    }

    public IReadOnlyList<Parameter> Parameters => Model.Parameters();

    public int Outstanding => _backend.Memory.Outstanding;

    private Pair Model { get; } = new();

    public static double[] Start(int parameter) => [1 + parameter, -0.5];

    public static double Gradient(int parameter, int step, int element) =>
        Math.Sin(1 + step + 2 * element + parameter) * (element == 0 ? 1 : 10);

    /// <summary>Accumulates the gradients of a step: those of w·g, a sum of products.</summary>
    public void Backward(int step)
    {
        using Graph graph = new(_backend);
        for (int i = 0; i < 2; i++)
        {
            _inputs[i].CopyFrom<double>([Gradient(i, step, 0), Gradient(i, step, 1)]);
            graph.Backward((graph.Input(_inputs[i]) * graph.Parameter(Parameters[i])).Sum());
        }
    }

    public void Step(Optimizer optimizer, int step, double gradientScale = 1)
    {
        optimizer.ZeroGradient();
        Backward(step);
        optimizer.Step(gradientScale);
    }

    /// <summary>Runs five steps and compares every element after each with a scalar recurrence.</summary>
    /// <remarks>From whether an element decays, <paramref name="scalar"/> makes its recurrence: step, weight and gradient to
    /// the new weight.</remarks>
    public void Compare(Optimizer optimizer, Func<bool, Func<int, double, double, double>> scalar, double gradientScale = 1)
    {
        Func<int, double, double, double>[,] updates = { { scalar(true), scalar(true) }, { scalar(false), scalar(false) } };
        double[][] expected = [Start(0), Start(1)];
        for (int step = 0; step < 5; step++)
        {
            Step(optimizer, step, gradientScale);
            for (int p = 0; p < 2; p++)
            {
                for (int e = 0; e < 2; e++)
                    expected[p][e] = updates[p, e](step, expected[p][e], gradientScale * Gradient(p, step, e));
                Assert.That(Parameters[p].Data.ToArray<double>(), Is.EqualTo(expected[p]).Within(1e-14),
                    $"step {step}, {Parameters[p].Name}");
            }
        }
        Assert.That(optimizer.StepCount, Is.EqualTo(5));
    }

    public void Dispose()
    {
        foreach (Tensor input in _inputs) input.Dispose();
        Model.Dispose();
        Assert.That(_backend.Memory.Outstanding, Is.Zero, "buffers leaked");
        _backend.Dispose();
    }

    private sealed class Pair : Module
    {
        public Parameter Weight { get; } = new([2]);

        public Parameter Bias { get; } = new([2]) { Decays = false };

        public override Value Forward(Value x) => x * x.Graph.Parameter(Weight) + x.Graph.Parameter(Bias);
    }
}
