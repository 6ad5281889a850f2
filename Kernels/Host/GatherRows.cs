using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AutogradCore.Kernels.Host;

/// <summary>y[n] = or += table[ids[n]], row by row.  table:[V,C]  y:[N,C]</summary>
internal readonly unsafe struct GatherRows<T>(T* table, int* ids, int length, T* y, bool add) : IRange
    where T : unmanaged
{
    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        for (int n = begin; n < end; n++)
            CopyRange<T>.Row(table + ((nint)ids[n] * length), y + ((nint)n * length), length, add);
    }
}

/// <summary>table[id] += Σ dy[n] over the n with that id, ascending, in double and rounded once, within a range of columns.
/// dy:[N,C]  table:[V,C]  order:[N], each id and its n in the halves of a number, ascending</summary>
/// <remarks>Idea: each thread owns columns, so that rows which share an id are added in order without locks: the reference's
/// bits. A row that is alone needs no double: the sum of two floats is rounded once either way.</remarks>
internal readonly unsafe struct ScatterColumns<T>(T* dy, ulong* order, int count, int length, T* table) : IRange
    where T : unmanaged
{
    private const int Most = 1024;

    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        for (int first = 0, next; first < count; first = next)
        {
            int id = (int)(order[first] >> 32);
            for (next = first + 1; next < count && (int)(order[next] >> 32) == id;) next++;
            T* row = table + ((nint)id * length);
            if (next == first + 1) CopyRange<T>.Row(From(first) + begin, row + begin, end - begin, true);
            else
                for (int column = begin; column < end; column += Most)
                    Sum(first, next, row, column, Math.Min(Most, end - column));
        }
    }

    private T* From(int entry) => dy + ((nint)(uint)order[entry] * length);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Sum(int first, int next, T* row, int column, int width)
    {
        double* sum = stackalloc double[Most];
        int i = 0;
        for (; i <= width - Doubles.Count; i += Doubles.Count) Doubles.Load(row + column + i).Store(sum + i);
        if (i < width) Doubles.LoadTail(row + column + i, width - i).Store(sum + i);
        int entry = first;
        for (; entry + 4 <= next; entry += 4)
        {
            for (int ahead = entry + 4; ahead < Math.Min(entry + 8, next); ahead++) Prefetch(From(ahead) + column, width);
            Add(From(entry) + column, From(entry + 1) + column, From(entry + 2) + column, From(entry + 3) + column, sum, width);
        }

        for (; entry < next; entry++) Add(From(entry) + column, sum, width);
        for (i = 0; i <= width - Doubles.Count; i += Doubles.Count)
            Doubles.Put(Vector512.Load(sum + i), row + column + i, add: false);
        if (i < width) Doubles.PutTail(Vector512.Load(sum + i), row + column + i, width - i, add: false);
    }

    /// <summary>Asks for a row ahead: rows of one id lie anywhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(T* x, int width)
    {
        const int line = 64;
        byte* bytes = (byte*)x;
        for (int i = 0; Sse.IsSupported && i < width * sizeof(T); i += line) Sse.Prefetch0(bytes + i);
    }

    /// <summary>sum += x; whole vectors of the sum are written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(T* x, double* sum, int width)
    {
        int i = 0;
        for (; i <= width - Doubles.Count; i += Doubles.Count) (Vector512.Load(sum + i) + Doubles.Load(x + i)).Store(sum + i);
        if (i < width) (Vector512.Load(sum + i) + Doubles.LoadTail(x + i, width - i)).Store(sum + i);
    }

    /// <summary>Four rows, one after the other: the sum is read and written once for them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(T* a, T* b, T* c, T* d, double* sum, int width)
    {
        int i = 0;
        for (; i <= width - Doubles.Count; i += Doubles.Count)
        {
            Vector512<double> s = Vector512.Load(sum + i) + Doubles.Load(a + i);
            s += Doubles.Load(b + i);
            s += Doubles.Load(c + i);
            s += Doubles.Load(d + i);
            s.Store(sum + i);
        }

        if (i == width) return;
        int rest = width - i;
        Vector512<double> tail = Vector512.Load(sum + i) + Doubles.LoadTail(a + i, rest);
        tail += Doubles.LoadTail(b + i, rest);
        tail += Doubles.LoadTail(c + i, rest);
        tail += Doubles.LoadTail(d + i, rest);
        tail.Store(sum + i);
    }
}
