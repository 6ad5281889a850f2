namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = 0 if the check before found nothing, one lane per element.</summary>
internal static class ClearKernel<T> where T : unmanaged
{
    public static void Run(Arguments a)
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX;
        if (i < a.Count && IndexChecks.AllRight(a.Check)) a.Y[i] = default;
    }

    public struct Arguments
    {
        public ArrayView<T> Y;
        public ArrayView<long> Check;
        public int Count;
    }
}
