using System.Numerics;
using System.Runtime.InteropServices;

namespace AutogradCore;

/// <summary>
/// Lends memory and takes it back, so that a steady training step asks the system for none. Sizes are rounded up to one of
/// eight classes per power of two; a returned buffer serves the next request of its class. What is lent for parts of a step
/// (<see cref="RentBriefly"/>) shares larger pieces instead.
/// </summary>
/// <remarks>Thread-safe. Counts exactly the bytes asked for, not the rounded ones:
/// that is what declarations are checked against.</remarks>
public class MemoryPool : IDisposable
{
    /// <summary>The alignment of every buffer in bytes: a cache line, and one AVX-512 register.</summary>
    public const int Alignment = HostMemory.Alignment;

    /// <summary>From here on memory lent briefly is cut from chunks.</summary>
    private const long LeastCut = 64 << 10;

    private readonly Lock _gate = new();
    private readonly Chunks _chunks;
    private readonly Dictionary<long, Stack<Block>> _free = [];
    private readonly Dictionary<long, int> _lent = []; // how many of each size
    private long _ownBytes;
    private int _leaked, _leakedGraphs;
    private long _leakedBytes;
    private bool _disposed;

    /// <summary>An empty pool.</summary>
    public MemoryPool() => _chunks = new Chunks(this, AllocateOrTrim, Free);

    /// <summary>Whether addresses are the host's own, so that code outside a backend may read and write through them.</summary>
    public virtual bool IsHostMemory => true;

    /// <summary>Bytes lent at this moment.</summary>
    public long CurrentBytes { get; private set; }

    /// <summary>The most bytes lent at any moment since the last <see cref="ResetPeak"/>.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>Bytes taken from the system, lent or waiting; not what was never lent of a larger piece, which a system that
    /// provides memory at its first use has not provided.</summary>
    public long ReservedBytes => _ownBytes + _chunks.ReservedBytes;

    /// <summary>Buffers lent at this moment: zero after everything was disposed, else something leaks.</summary>
    public int Outstanding { get; private set; }

    /// <summary>How often the system was asked for memory: does not grow in a steady state.</summary>
    public long SystemAllocations { get; private set; }

    /// <summary>Tensors that were collected without being disposed, counted by their finalizers;
    /// their memory stays lent.</summary>
    public int LeakedTensors => _leaked;

    /// <summary>Graphs that were collected while they held memory, without being disposed; it stays lent.</summary>
    public int LeakedGraphs => _leakedGraphs;

    /// <summary>Bytes that stay lent to what <see cref="LeakedTensors"/> and <see cref="LeakedGraphs"/> count.</summary>
    public long LeakedBytes => Interlocked.Read(ref _leakedBytes);

    /// <summary>Starts a new measurement of <see cref="PeakBytes"/>.</summary>
    public void ResetPeak()
    {
        lock (_gate) PeakBytes = CurrentBytes;
    }

    /// <summary>Lends a buffer of at least <paramref name="bytes"/> bytes; its content is undefined.</summary>
    /// <exception cref="AllocationException">The system has no more;
    /// the message says how much was asked for, lent and free, and in
    /// which sizes.</exception>
    public Buffer Rent(long bytes) => Lend(bytes, briefly: false);

    /// <summary>As <see cref="Rent"/>, for memory that comes back within a step, such as activations and gradients: large buffers
    /// of any size serve one another. A device's buffers are whole blocks of the device's own and never share one.</summary>
    /// <exception cref="AllocationException">The system has no more.</exception>
    public Buffer RentBriefly(long bytes) => Lend(bytes, briefly: IsHostMemory);

    private Buffer Lend(long bytes, bool briefly)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            Block block = Take(bytes, briefly);
            block.Bytes = bytes;
            CurrentBytes += bytes;
            PeakBytes = Math.Max(PeakBytes, CurrentBytes);
            Outstanding++;
            CollectionsMarshal.GetValueRefOrAddDefault(_lent, bytes, out _)++;
            return new Buffer(block);
        }
    }

    /// <summary>Gives the waiting buffers back to the system.</summary>
    public void Trim()
    {
        lock (_gate)
        {
            foreach (Stack<Block> stack in _free.Values)
                while (stack.TryPop(out Block? block)) Release(block);
            _chunks.Trim();
        }
    }

    /// <summary>Frees what waits; buffers still lent are freed when they come back.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            Trim();
        }
        GC.SuppressFinalize(this);
    }

    internal void ReportLeak(Tensor tensor)
    {
        if (tensor.IsDisposed) return;
        Interlocked.Increment(ref _leaked);
        Interlocked.Add(ref _leakedBytes, (long)tensor.Shape.ElementCount * tensor.DType.Size());
    }

    internal void ReportLeak(Graph graph)
    {
        if (graph.HeldBytes == 0) return;
        Interlocked.Increment(ref _leakedGraphs);
        Interlocked.Add(ref _leakedBytes, graph.HeldBytes);
    }

    internal void Return(Buffer buffer)
    {
        lock (_gate)
        {
            if (!buffer.IsLent) throw new MemoryException("A buffer was given back twice.", "who rents it gives it back once");
            Block block = buffer.Lent;
            block.Lease++;
            CurrentBytes -= block.Bytes;
            Outstanding--;
            CollectionsMarshal.GetValueRefOrAddDefault(_lent, block.Bytes, out _)--;
            if (block.Chunk is not null)
            {
                _chunks.Return(block);
                if (_disposed) _chunks.Trim();
                return;
            }
            if (_disposed)
            {
                Release(block);
                return;
            }
            if (!_free.TryGetValue(block.Capacity, out Stack<Block>? stack)) _free[block.Capacity] = stack = new();
            stack.Push(block);
        }
    }

    /// <summary>Takes memory from the system: aligned host memory here, device memory in a GPU backend's pool.</summary>
    protected virtual nint Allocate(long bytes) => HostMemory.Allocate(bytes);

    /// <summary>Gives memory from <see cref="Allocate"/> back to the system.</summary>
    protected virtual void Free(nint pointer) => HostMemory.Free(pointer);

    /// <summary>Bytes that the system still has; null where it does not say.</summary>
    protected virtual long? FreeBytes => null;

    private Block Take(long bytes, bool briefly)
    {
        try
        {
            if (briefly && bytes >= LeastCut) return _chunks.Rent(bytes);
            long capacity = SizeClass(bytes);
            if (_free.TryGetValue(capacity, out Stack<Block>? stack) && stack.TryPop(out Block? waiting)) return waiting;
            Block block = new(this) { Pointer = AllocateOrTrim(capacity), Capacity = capacity };
            _ownBytes += capacity;
            return block;
        }
        catch (OutOfMemoryException e)
        {
            throw new AllocationException(
                $"No memory: asked for {bytes:N0} bytes with {CurrentBytes:N0} lent and {ReservedBytes:N0} reserved"
                + (FreeBytes is { } free ? $"; {free:N0} are free." : ".") + Largest(),
                "smaller microbatches, or fewer of them in flight", e);
        }
    }

    /// <summary>What most of the memory is lent to, as sizes: which tensors have them, their shapes tell.</summary>
    private string Largest()
    {
        const int shown = 4;
        var lent = _lent.Where(l => l.Key * l.Value > 0).OrderByDescending(l => l.Key * l.Value).ToArray();
        return lent.Length == 0 ? "" : " Most is lent as "
            + string.Join(", ", lent.Take(shown).Select(l => $"{l.Value} x {l.Key:N0}")) + (lent.Length > shown ? ", ..." : ".");
    }

    /// <summary>Memory that waits in other size classes goes back to the system before a request is refused.</summary>
    private nint AllocateOrTrim(long bytes)
    {
        nint pointer;
        try
        {
            pointer = Allocate(bytes);
        }
        catch (OutOfMemoryException)
        {
            Trim();
            pointer = Allocate(bytes);
        }
        SystemAllocations++;
        return pointer;
    }

    private void Release(Block block)
    {
        Free(block.Pointer);
        _ownBytes -= block.Capacity;
        block.Pointer = 0;
    }

    private static long SizeClass(long bytes)
    {
        long granule = Math.Max(Alignment, (long)BitOperations.RoundUpToPowerOf2((ulong)Math.Max(bytes, 1)) / 16);
        return (Math.Max(bytes, 1) + granule - 1) / granule * granule;
    }
}
