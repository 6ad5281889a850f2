namespace AutogradCore;

public sealed partial class WidenedVerbs
{
    /// <inheritdoc cref="IBackend.Sum"/>
    public void Sum(in View x, in Destination y)
    {
        using Widening w = new(backend);
        backend.Sum(w.Read(x), w.Write(y));
        w.Store();
    }

    /// <inheritdoc cref="IBackend.Max"/>
    public void Max(in View x, int axis, in View y, in View index)
    {
        using Widening w = new(backend);
        backend.Max(w.Read(x), axis, w.Write(y), index);
        w.Store();
    }

    /// <inheritdoc cref="IBackend.MaxGradient"/>
    public void MaxGradient(in View dy, in View index, int axis, in Destination dx)
    {
        using Widening w = new(backend);
        backend.MaxGradient(w.Read(dy), index, axis, w.Write(dx));
        w.Store();
    }

    /// <inheritdoc cref="IBackend.IsFinite"/>
    public bool IsFinite(in View x)
    {
        using Widening w = new(backend);
        return backend.IsFinite(w.Read(x));
    }

    /// <inheritdoc cref="IBackend.SquaredNorm"/>
    public double SquaredNorm(in View x)
    {
        using Widening w = new(backend);
        return backend.SquaredNorm(w.Read(x));
    }

    /// <inheritdoc cref="IBackend.Gather"/>
    public void Gather(in View table, in View ids, in Destination y)
    {
        using Widening w = new(backend);
        backend.Gather(w.Read(table), ids, w.Write(y));
        w.Store();
    }

    /// <inheritdoc cref="IBackend.ScatterAdd"/>
    public void ScatterAdd(in View dy, in View ids, in Destination dtable)
    {
        using Widening w = new(backend);
        backend.ScatterAdd(w.Read(dy), ids, w.Write(dtable));
        w.Store();
    }
}
