namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = value, one lane per element.</summary>
internal static class FillKernel<T> where T : unmanaged
{
    public static void Run(Arguments a)
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX;
        if (i < a.Count) a.Y[i] = a.Value;
    }

    public struct Arguments
    {
        public ArrayView<T> Y;
        public T Value;
        public int Count;
    }
}
