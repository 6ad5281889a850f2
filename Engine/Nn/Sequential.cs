namespace AutogradCore.Nn;

/// <summary>Modules one after another.</summary>
public sealed class Sequential : Module
{
    private readonly Module[] _layers;

    /// <summary>Runs <paramref name="layers"/> in order.</summary>
    public Sequential(params ReadOnlySpan<Module> layers) => _layers = layers.ToArray();

    /// <summary>The modules.</summary>
    public IReadOnlyList<Module> Layers => _layers;

    /// <inheritdoc/>
    public override Value Forward(Value x)
    {
        foreach (Module layer in _layers) x = layer.Forward(x);
        return x;
    }
}
