namespace AutogradCore;

/// <summary>Large memory that is lent for parts of a step: blocks are cut from chunks at the lowest address that has room, and
/// grow together with their free neighbours when they come back.</summary>
/// <remarks>
/// Blocks of different sizes that follow one another thus share memory, where a stack of blocks for each size would hold them
/// all. When the last block is back, several chunks become one for the next step, as large as all: from then on the same
/// requests in the same order find the same addresses. Not thread-safe: its pool is.
/// </remarks>
internal sealed class Chunks(MemoryPool pool, Func<long, nint> allocate, Action<nint> free)
{
    private const long Page = 4096, LeastChunk = 16 << 20;

    private readonly List<Hole> _holes = []; // by address; no two adjacent
    private readonly Stack<Block> _spare = [];
    private readonly List<Chunk> _chunks = [];
    private long _next;
    private int _lent;

    /// <summary>Bytes of the chunks that were ever lent: the rest has never been touched.</summary>
    public long ReservedBytes { get; private set; }

    /// <summary>A block of at least <paramref name="bytes"/> bytes.</summary>
    /// <exception cref="OutOfMemoryException">The system has no more; nothing has changed.</exception>
    public Block Rent(long bytes)
    {
        long capacity = (bytes + Page - 1) / Page * Page;
        int index = 0;
        while (index < _holes.Count && _holes[index].Length < capacity) index++;
        if (index == _holes.Count) index = Grow(capacity);
        Hole hole = _holes[index];
        if (hole.Length == capacity) _holes.RemoveAt(index);
        else _holes[index] = hole with { Start = hole.Start + (nint)capacity, Length = hole.Length - capacity };
        Touch(hole.Chunk, hole.Start + (nint)capacity - hole.Chunk.Start);
        _lent++;
        Block block = _spare.TryPop(out Block? spare) ? spare : new Block(pool);
        (block.Pointer, block.Capacity, block.Chunk) = (hole.Start, capacity, hole.Chunk);
        return block;
    }

    /// <summary>Takes a block back.</summary>
    public void Return(Block block)
    {
        Hole hole = new(block.Pointer, block.Capacity, block.Chunk!);
        (block.Pointer, block.Chunk) = (0, null);
        _spare.Push(block);
        int index = After(hole.Start);
        if (index < _holes.Count && hole.Meets(_holes[index]))
        {
            hole = hole with { Length = hole.Length + _holes[index].Length };
            _holes.RemoveAt(index);
        }
        if (index > 0 && _holes[index - 1].Meets(hole))
        {
            Hole before = _holes[--index];
            hole = before with { Length = before.Length + hole.Length };
            _holes.RemoveAt(index);
        }
        _holes.Insert(index, hole);
        if (--_lent > 0 || _chunks.Count < 2) return;
        foreach (Chunk chunk in _chunks) _next += chunk.Length;
        Trim();
    }

    /// <summary>Gives chunks of which nothing is lent back to the system.</summary>
    public void Trim()
    {
        for (int i = _holes.Count - 1; i >= 0; i--)
        {
            Chunk chunk = _holes[i].Chunk;
            if (_holes[i].Length < chunk.Length) continue;
            free(chunk.Start);
            ReservedBytes -= chunk.Touched;
            _chunks.Remove(chunk);
            _holes.RemoveAt(i);
        }
    }

    /// <summary>One more chunk: for all of the last step, or for a quarter more.</summary>
    private int Grow(long capacity)
    {
        long length = Math.Max(capacity, LeastChunk), total = 0;
        foreach (Chunk old in _chunks) total += old.Length;
        length = (Math.Max(length, Math.Max(_next, total / 4)) + Page - 1) / Page * Page;
        nint start = allocate(length);
        _next = 0;
        Chunk chunk = new(start, length);
        _chunks.Add(chunk);
        int index = After(start);
        _holes.Insert(index, new Hole(start, length, chunk));
        return index;
    }

    private void Touch(Chunk chunk, long end)
    {
        if (end <= chunk.Touched) return;
        ReservedBytes += end - chunk.Touched;
        chunk.Touched = end;
    }

    /// <summary>The first hole behind an address.</summary>
    private int After(nint address)
    {
        int low = 0, high = _holes.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_holes[middle].Start < address) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /// <summary>Memory from the system in one piece.</summary>
    internal sealed class Chunk(nint start, long length)
    {
        public nint Start { get; } = start;

        public long Length { get; } = length;

        /// <summary>The end of what was ever lent of it.</summary>
        public long Touched { get; set; }
    }

    private readonly record struct Hole(nint Start, long Length, Chunk Chunk)
    {
        public bool Meets(Hole next) => next.Chunk == Chunk && Start + (nint)Length == next.Start;
    }
}
