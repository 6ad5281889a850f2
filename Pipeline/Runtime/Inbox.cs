namespace AutogradCore.Pipeline;

/// <summary>The tensors that a stage has received for one microbatch, one per port, and not given back yet.</summary>
internal sealed class Inbox(int ports)
{
    private readonly Received?[] _received = new Received?[ports];

    /// <summary>The tensor of a port.</summary>
    public View this[int port] => _received[port]!.Value.View;

    /// <summary>The bytes of all of them.</summary>
    public long Bytes
    {
        get
        {
            long bytes = 0;
            foreach (Received? tensor in _received) bytes += tensor?.View.Bytes ?? 0;
            return bytes;
        }
    }

    /// <summary>Takes a tensor over.</summary>
    public void Put(int port, Received tensor)
    {
        _received[port]?.Dispose();
        _received[port] = tensor;
    }

    /// <summary>Gives the memory back.</summary>
    public void Free()
    {
        for (int i = 0; i < _received.Length; i++)
        {
            _received[i]?.Dispose();
            _received[i] = null;
        }
    }
}
