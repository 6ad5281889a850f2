using static AutogradCore.Destination;

namespace AutogradCore.Pipeline;

/// <summary>Hands tensors between stages of one process whose backends share an address space.</summary>
/// <remarks>A send copies into memory of the sender's pool and returns; the receiver gives that memory back when it has fed it
/// on.</remarks>
public sealed class InProcessTransport : ITransport
{
    private readonly Dictionary<Message, Received> _waiting = [];
    private readonly object _gate = new();

    /// <inheritdoc/>
    public void Send(Message message, in View data, IBackend backend)
    {
        Buffer buffer = backend.Memory.RentBriefly(data.Bytes);
        Received copy = new(buffer, data.DType, data.Shape);
        try
        {
            backend.Copy(data, Into(copy.View));
            backend.Synchronize();
            lock (_gate)
            {
                if (!_waiting.TryAdd(message, copy))
                    throw new PipelineException($"{message} was sent twice in one step.", "the schedule names an action twice");
                Monitor.PulseAll(_gate);
            }
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Received Receive(Message message, CancellationToken cancellation)
    {
        using CancellationTokenRegistration wake = cancellation.UnsafeRegister(static gate =>
        {
            lock (gate!) Monitor.PulseAll(gate);
        }, _gate);
        lock (_gate)
        {
            Received data;
            while (!_waiting.Remove(message, out data))
            {
                cancellation.ThrowIfCancellationRequested();
                Monitor.Wait(_gate);
            }
            return data;
        }
    }

    /// <inheritdoc/>
    public bool TryReceive(Message message, out Received data)
    {
        lock (_gate) return _waiting.Remove(message, out data);
    }

    /// <inheritdoc/>
    public void Clear()
    {
        lock (_gate)
        {
            foreach (Received data in _waiting.Values) data.Dispose();
            _waiting.Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();
}
