using static AutogradCore.Destination;

namespace AutogradCore.Pipeline;

/// <summary>Hands tensors between stages of one process whose backends share an address space.</summary>
/// <remarks>A send copies into memory of the sender's pool and returns; the receiver gives that memory back when it has fed it
/// on. Where the backends' work runs in one order, nobody waits for the copy: the receiver's verbs come after it, and the
/// sender's next use of the memory after those. Then a send waits only after verbs that may have noticed an error, such as an
/// index outside its table, so that what came of it does not spread.</remarks>
public sealed class InProcessTransport : ITransport
{
    private readonly bool _waits;
    private readonly Dictionary<Message, Received> _waiting = [];
    private readonly object _gate = new();

    /// <summary>A transport between backends of any kind: sends wait for the sender's work.</summary>
    public InProcessTransport() => _waits = true;

    /// <summary>A transport between some backends: sends wait only where these do not work in one order.</summary>
    public InProcessTransport(IReadOnlyList<IBackend> backends) =>
        _waits = backends.Any(backend => !backend.IsOrderedWith(backends[0]));

    /// <inheritdoc/>
    public void Send(Message message, in View data, IBackend backend)
    {
        Buffer buffer = backend.Memory.RentBriefly(data.Bytes);
        Received copy = new(buffer, data.DType, data.Shape);
        try
        {
            backend.Copy(data, Into(copy.View));
            if (_waits) backend.Synchronize();
            else backend.Verify();
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
