namespace AutogradCore;

public sealed partial class WidenedVerbs
{
    /// <inheritdoc cref="IBackend.Map{TOp}"/>
    public void Map<TOp>(in View x, in Destination y) where TOp : struct, IUnary<TOp>
    {
        using Widening w = new(backend);
        backend.Map<TOp>(w.Read(x), w.Write(y));
        w.Store();
    }

    /// <inheritdoc cref="IBackend.Zip{TOp}"/>
    public void Zip<TOp>(in View a, in View b, in Destination y) where TOp : struct, IBinary<TOp>
    {
        using Widening w = new(backend);
        backend.Zip<TOp>(w.Read(a), w.Read(b), w.Write(y));
        w.Store();
    }

    /// <inheritdoc cref="IBackend.Affine"/>
    public void Affine(in View x, double scale, double shift, in Destination y)
    {
        using Widening w = new(backend);
        backend.Affine(w.Read(x), scale, shift, w.Write(y));
        w.Store();
    }

    /// <inheritdoc cref="IBackend.Where"/>
    public void Where(in View mask, in View a, in View b, in Destination y)
    {
        using Widening w = new(backend);
        backend.Where(mask, w.Read(a), w.Read(b), w.Write(y));
        w.Store();
    }

    /// <inheritdoc cref="IBackend.Dropout"/>
    public void Dropout(in View x, double p, RandomStream stream, in Destination y)
    {
        using Widening w = new(backend);
        backend.Dropout(w.Read(x), p, stream, w.Write(y));
        w.Store();
    }

    /// <inheritdoc cref="IBackend.Rotary"/>
    public void Rotary(in View x, in RotaryOptions options, in Destination y)
    {
        using Widening w = new(backend);
        backend.Rotary(w.Read(x), options, w.Write(y));
        w.Store();
    }
}
