namespace AutogradCore;

/// <summary>A place for the gradient of one batch while that of the next already accumulates: memory for a second gradient of the
/// same parameters, taken when it is first needed.</summary>
public sealed class GradientShelf : IDisposable
{
    private readonly IReadOnlyList<Parameter> _parameters;
    private readonly Tensor?[] _gradients;
    private readonly bool[] _accumulated;

    /// <summary>An empty shelf.</summary>
    public GradientShelf(IReadOnlyList<Parameter> parameters) =>
        (_parameters, _gradients, _accumulated) = (parameters, new Tensor?[parameters.Count], new bool[parameters.Count]);

    /// <summary>Swaps the parameters' gradients with those on the shelf; no element moves. From an empty shelf the parameters get
    /// none, as after <see cref="Parameter.ZeroGradient"/>.</summary>
    public void Exchange()
    {
        for (int i = 0; i < _gradients.Length; i++)
            _parameters[i].ExchangeGradient(ref _gradients[i], ref _accumulated[i]);
    }

    /// <summary>Forgets what stands on the shelf and gives its memory back to the pool; nothing is zero-filled.</summary>
    public void Clear()
    {
        foreach (Tensor? gradient in _gradients) gradient?.GiveMemory();
        Array.Clear(_accumulated);
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        foreach (Tensor? gradient in _gradients) gradient?.Dispose();
        Array.Clear(_gradients);
        Clear();
    }
}
