namespace AutogradCore.Pipeline;

/// <summary>Moves activations and their gradients between stages.</summary>
/// <remarks>One transport serves all ranks of a run. A send may return before the receiver has taken the data, never before the
/// sender may reuse its memory. Messages are found by what they are, not by order of arrival. A message may have no elements:
/// where no gradient reaches a stage's input, an empty Bool tensor takes its place and must arrive as such.</remarks>
public interface ITransport : IDisposable
{
    /// <summary>Announces a receive: each rank posts all of a step before it starts, in the order of its list, so that tensors can
    /// move while it computes. Nothing to do where a send needs no receiver.</summary>
    /// <param name="message">What will be received.</param>
    /// <param name="backend">The receiver's backend.</param>
    void Post(Message message, IBackend backend)
    {
    }

    /// <summary>Hands over a tensor, without waiting for the receiver to ask for it.</summary>
    /// <param name="message">What the tensor is.</param>
    /// <param name="data">The elements, on <paramref name="backend"/>.</param>
    /// <param name="backend">The sender's backend.</param>
    void Send(Message message, in View data, IBackend backend);

    /// <summary>Waits for a tensor.</summary>
    /// <exception cref="OperationCanceledException">The run was given up meanwhile.</exception>
    Received Receive(Message message, CancellationToken cancellation);

    /// <summary>Takes a tensor if it has arrived.</summary>
    bool TryReceive(Message message, out Received data);

    /// <summary>Drops messages that nobody will take any more, after a failed step.</summary>
    void Clear();
}

/// <summary>A tensor that arrived; give its memory back by disposing it.</summary>
public readonly struct Received : IDisposable
{
    private readonly Buffer _buffer;

    /// <summary>Wraps memory that is returned to its pool on disposal.</summary>
    public Received(Buffer buffer, DType dtype, in Shape shape)
    {
        _buffer = buffer;
        View = new View(buffer, dtype, shape);
    }

    /// <summary>The elements.</summary>
    public View View { get; }

    /// <summary>Gives the memory back.</summary>
    public void Dispose() => _buffer.Return();
}
