namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Leaves the first index outside 0..Bound-1 in a slot, one lane per index; one value may be let through.</summary>
internal static class IndexCheckKernel
{
    public static void Run(Arguments a)
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX;
        if (i >= a.Count) return;
        int index = a.Indices[i];
        if (index >= 0 && index < a.Bound) return;
        if (a.HasIgnored != 0 && index == a.Ignored) return;
        Atomic.Min(ref a.Slot[new Index1D(0)], IndexChecks.Pack(i, index));
    }

    public struct Arguments
    {
        public ArrayView<int> Indices;
        public ArrayView<long> Slot;
        public int Count, Bound, Ignored, HasIgnored;
    }
}
