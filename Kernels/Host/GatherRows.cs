using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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
/// dy:[N,C]  table:[V,C]  order:[N], the <see cref="Entry"/> of each n, ascending</summary>
/// <remarks>Idea: each thread owns columns, so that rows which share an id are added in order without locks: the reference's
/// bits. A row that is alone needs no double: the sum of two floats is rounded once either way.</remarks>
internal readonly unsafe struct ScatterColumns<T>(T* dy, ulong* order, int count, int length, T* table) : IRange
    where T : unmanaged
{
    private const int Most = 512;

    /// <summary>An id and the n that has it; ids are not negative.</summary>
    public static ulong Entry(int id, int n) => ((ulong)id << 32) | (uint)n;

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
                for (int column = begin; column < end; column += Most) Sum(first, next, row, column, Math.Min(Most, end - column));
        }
    }

    private T* From(int entry) => dy + ((nint)(uint)order[entry] * length);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Sum(int first, int next, T* row, int column, int width)
    {
        double* sum = stackalloc double[Most];
        Add(row + column, sum, width, isFirst: true);
        for (int entry = first; entry < next; entry++) Add(From(entry) + column, sum, width, isFirst: false);
        int i = 0;
        for (; i <= width - Doubles.Count; i += Doubles.Count)
            Doubles.Put(Vector512.Load(sum + i), row + column + i, add: false);
        if (i < width) Doubles.PutTail(Vector512.Load(sum + i), row + column + i, width - i, add: false);
    }

    /// <summary>sum = x or sum += x; whole vectors of the sum are written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(T* x, double* sum, int width, bool isFirst)
    {
        int i = 0;
        for (; i <= width - Doubles.Count; i += Doubles.Count) Lanes.Put(Doubles.Load(x + i), sum + i, !isFirst);
        if (i < width) Lanes.Put(Doubles.LoadTail(x + i, width - i), sum + i, !isFirst);
    }
}
