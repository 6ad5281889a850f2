namespace AutogradCore.Kernels.Host;

/// <summary>Rows of views: all axes but the last, counted row-major.</summary>
internal static unsafe class StridedRows
{
    /// <summary>Elements between neighbours of a row; a row of one element has any distance, so 1.</summary>
    public static int Step(in View x) => x.Shape.Rank == 0 || x.Shape.Last == 1 ? 1 : x.Stride(x.Shape.Rank - 1);

    /// <summary>Where row number <paramref name="row"/> starts.</summary>
    public static T* At<T>(in View x, int row)
        where T : unmanaged
    {
        nint distance = 0;
        for (int axis = x.Shape.Rank - 2; axis >= 0; axis--)
        {
            (row, int i) = Math.DivRem(row, x.Shape[axis]);
            distance += (nint)i * x.Stride(axis);
        }

        return x.Pointer<T>() + distance;
    }

    /// <summary>Whether vector code can read the rows of a view: neighbours, or one number repeated.</summary>
    public static bool Readable(in View x) => Step(x) is 0 or 1;
}
