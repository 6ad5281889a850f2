using AutogradCore.Pipeline;

namespace AutogradCore.Tests.Pipeline;

/// <summary>Says of every message from another rank a number of times that it has not come yet, so that ranks have to wait.</summary>
internal sealed class LateTransport(int times) : ITransport
{
    private readonly InProcessTransport _inner = new();
    private readonly Dictionary<Message, int> _asked = [];

    public void Send(Message message, in View data, IBackend backend) => _inner.Send(message, data, backend);

    public Received Receive(Message message, CancellationToken cancellation)
    {
        lock (_asked) _asked.Remove(message);
        return _inner.Receive(message, cancellation);
    }

    public bool TryReceive(Message message, out Received data)
    {
        lock (_asked)
        {
            int asked = _asked[message] = _asked.GetValueOrDefault(message) + 1;
            data = default;
            if (asked <= times) return false;
            if (!_inner.TryReceive(message, out data)) return false;
            _asked.Remove(message);
            return true;
        }
    }

    public void Clear()
    {
        lock (_asked) _asked.Clear();
        _inner.Clear();
    }

    public void Dispose() => _inner.Dispose();
}
