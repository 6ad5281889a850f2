namespace AutogradCore;

public sealed partial class WidenedVerbs
{
    /// <inheritdoc cref="IBackend.Attention"/>
    public void Attention(in View q, in View k, in View v, in AttentionOptions options, in View y, in View lse)
    {
        using Widening w = new(backend);
        backend.Attention(w.Read(q), w.Read(k), w.Read(v), options, w.Write(y), lse);
        w.Store();
    }

    /// <inheritdoc cref="IBackend.AttentionGradient"/>
    public void AttentionGradient(in View q, in View k, in View v, in View y, in View lse, in View dy,
        in AttentionOptions options, in Destination dq, in Destination dk, in Destination dv)
    {
        using Widening w = new(backend);
        backend.AttentionGradient(w.Read(q), w.Read(k), w.Read(v), w.Read(y), lse, w.Read(dy), options,
            w.Write(dq), w.Write(dk), w.Write(dv));
        w.Store();
    }
}
