namespace AutogradCore.Kernels.Host;

/// <summary>The factors of a product over views, as the kernels want them:
/// one stored matrix each, and how batches repeat it.</summary>
/// <remarks>
/// Idea: matrices whose inner axes are contiguous one way or the other need no copy. Outer axes become rows of A where B repeats
/// and A's rows go on evenly (a linear layer over [B,T,K] is one product); others become the batch.
/// </remarks>
internal readonly unsafe ref struct GemmOperands<T>
    where T : unmanaged
{
    private readonly View _a, _b;

    /// <summary>Axes before the two of the matrices.</summary>
    private readonly int _outer;

    /// <summary>Looks at a:[..,M,K] and b:[..,K,N] for a result of shape [..,M,N].</summary>
    public GemmOperands(in View a, in View b, in Shape c)
    {
        (int m, int n, int k) = (c[^2], c[^1], a.Shape[^1]);
        _outer = c.Rank - 2;
        (_a, _b) = (a.BroadcastTo(c.With(c.Rank - 1, k)), b.BroadcastTo(c.With(c.Rank - 2, k)));
        (M, N) = (m, n);
        bool fits = Stored(_a, m, k, out int lda, out bool transposeA);
        fits &= Stored(_b, k, n, out int ldb, out bool transposeB);
        Fits = fits;
        Batched = _outer;
        while (Batched > 0
            && (c[Batched - 1] == 1 || (!transposeA && Repeats(Batched - 1) && _a.Stride(Batched - 1) == (long)M * lda)))
            M *= c[--Batched];
        Term = new GemmTerm<T>(_a.Pointer<T>(), lda, transposeA, _b.Pointer<T>(), ldb, transposeB, k);
    }

    /// <summary>Whether both matrices have an axis of neighbours, so that the kernels can read them.</summary>
    public bool Fits { get; }

    /// <summary>Rows of one product.</summary>
    public int M { get; }

    /// <summary>Columns of one product.</summary>
    public int N { get; }

    /// <summary>Outer axes that are left as batch.</summary>
    public int Batched { get; }

    /// <summary>The first product.</summary>
    public GemmTerm<T> Term { get; }

    /// <summary>The longest run of inner batch axes along which both factors move evenly:
    /// where it starts, its length and steps.</summary>
    public int Run(out int count, out int stepA, out int stepB)
    {
        (count, stepA, stepB) = (1, 0, 0);
        int axis = Batched;
        while (axis > 0)
        {
            (int length, int a, int b) = (_a.Shape[axis - 1], _a.Stride(axis - 1), _b.Stride(axis - 1));
            if (count == 1) (stepA, stepB) = (a, b);
            else if (length != 1 && (a != (long)count * stepA || b != (long)count * stepB)) break;
            count *= length;
            axis--;
        }

        return axis;
    }

    /// <summary>How far the factors of batch entry <paramref name="index"/> lie from the first,
    /// over the first <paramref name="axes"/> axes.</summary>
    public (nint A, nint B) Distance(int index, int axes)
    {
        nint a = 0, b = 0;
        for (int axis = axes - 1; axis >= 0; axis--)
        {
            (index, int i) = Math.DivRem(index, _a.Shape[axis]);
            a += (nint)i * _a.Stride(axis);
            b += (nint)i * _b.Stride(axis);
        }

        return (a, b);
    }

    private bool Repeats(int axis) => _b.Stride(axis) == 0 || _b.Shape[axis] == 1;

    private static bool Stored(in View x, int rows, int columns, out int leading, out bool transposed)
    {
        (int row, int column) = (x.Stride(x.Shape.Rank - 2), x.Stride(x.Shape.Rank - 1));
        transposed = column != 1 && columns > 1;
        leading = transposed ? column : rows > 1 ? row : columns;
        return !transposed || row == 1 || rows <= 1;
    }
}
