namespace AutogradCore;

public sealed partial class WidenedVerbs
{
    /// <inheritdoc cref="IBackend.Softmax"/>
    public void Softmax(in View x, in Destination y)
    {
        using Widening w = new(backend);
        backend.Softmax(w.Read(x), w.Write(y));
        w.Store();
    }

    /// <inheritdoc cref="IBackend.SoftmaxGradient"/>
    public void SoftmaxGradient(in View y, in View dy, in Destination dx)
    {
        using Widening w = new(backend);
        backend.SoftmaxGradient(w.Read(y), w.Read(dy), w.Write(dx));
        w.Store();
    }

    /// <inheritdoc cref="IBackend.LogSoftmax"/>
    public void LogSoftmax(in View x, in Destination y)
    {
        using Widening w = new(backend);
        backend.LogSoftmax(w.Read(x), w.Write(y));
        w.Store();
    }

    /// <inheritdoc cref="IBackend.LogSoftmaxGradient"/>
    public void LogSoftmaxGradient(in View y, in View dy, in Destination dx)
    {
        using Widening w = new(backend);
        backend.LogSoftmaxGradient(w.Read(y), w.Read(dy), w.Write(dx));
        w.Store();
    }

    /// <inheritdoc cref="IBackend.CrossEntropy"/>
    public void CrossEntropy(in View logits, in View targets, in CrossEntropyOptions options, in View loss, in View lse)
    {
        using Widening w = new(backend);
        backend.CrossEntropy(w.Read(logits), targets, options, w.Write(loss), lse);
        w.Store();
    }

    /// <inheritdoc cref="IBackend.CrossEntropyGradient"/>
    public void CrossEntropyGradient(in View logits, in View targets, in View lse, in View dloss, in CrossEntropyOptions options,
        in Destination dlogits)
    {
        using Widening w = new(backend);
        backend.CrossEntropyGradient(w.Read(logits), targets, lse, w.Read(dloss), options, w.Write(dlogits));
        w.Store();
    }
}
