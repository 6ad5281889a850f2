using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dx = dy at the recorded position, zero elsewhere, one lane per element.
/// dy, index:[outer, Inner]  dx:[outer, Length, Inner]</summary>
internal static class MaxGradientKernel<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public static void Run(Arguments a)
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX;
        if (i >= a.Count) return;
        int row = i / a.Inner, output = row / a.Length * a.Inner + i % a.Inner;
        if (a.Index[output] == row % a.Length) a.Dx[i] = a.Adds != 0 ? a.Dx[i] + a.Dy[output] : a.Dy[output];
        else if (a.Adds == 0) a.Dx[i] = T.Zero;
    }

    public struct Arguments
    {
        public ArrayView<T> Dy, Dx;
        public ArrayView<int> Index;
        public int Count, Length, Inner, Adds;
    }
}
