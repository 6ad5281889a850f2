using System.Numerics;
using AutogradCore.Kernels.Host;

namespace AutogradCore.Kernels;

public sealed partial class HostBackend
{
    private const int TermsAtOnce = 32;

    /// <inheritdoc/>
    public override void Gemm(in View a, in View b, in Destination c, in View bias = default, in View residual = default)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Gemm(a, b, c, bias, residual);
        bool done = !WidenedVerbs.Are(a, b, c.View, bias, residual) && (c.View.DType == DType.Float64
            ? TryGemm<double>(a, b, c, bias, residual)
            : TryGemm<float>(a, b, c, bias, residual));
        if (!done) base.Gemm(a, b, c, bias, residual);
    }

    /// <inheritdoc/>
    public override void GemmMap<TOp>(in View a, in View b, in View bias, in View c, in View y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.GemmMap(a, b, bias, c, y);
        bool done = !WidenedVerbs.Are(a, b, bias, c, y) && (c.DType == DType.Float64
            ? TryGemmMap<TOp, double>(a, b, bias, c, y)
            : TryGemmMap<TOp, float>(a, b, bias, c, y));
        if (!done) base.GemmMap<TOp>(a, b, bias, c, y);
    }

    /// <inheritdoc/>
    public override void GemmSum(ReadOnlySpan<GemmTerm> terms, in Destination c, in Destination rowSums = default)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.GemmSum(terms, c, rowSums);
        bool done = !terms.IsEmpty && !WidenedVerbs.Are(terms, c.View, rowSums.View)
            && (c.View.DType == DType.Float64 ? TryGemmSum<double>(terms, c, rowSums) : TryGemmSum<float>(terms, c, rowSums));
        if (!done) base.GemmSum(terms, c, rowSums);
    }

    /// <inheritdoc/>
    public override IDisposable Hold(IReadOnlyList<View> matrices)
    {
        using VerbGate.Pass pass = Enter();
        return _packed.Hold(matrices);
    }

    private unsafe bool TryGemm<T>(in View a, in View b, in Destination c, in View bias, in View residual)
        where T : unmanaged
    {
        GemmTarget<T> target = Target<T>(c, bias) with { Residual = residual.Exists ? residual.Pointer<T>() : null };
        return TryGemm(a, b, c.View.Shape, target);
    }

    private unsafe bool TryGemmMap<TOp, T>(in View a, in View b, in View bias, in View c, in View y)
        where TOp : struct, IUnary<TOp>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        GemmTarget<T> target = Target<T>(Destination.Into(c), bias) with
        {
            Mapped = y.Pointer<T>(),
            Map = &GemmFinish.Map<TOp, T>,
        };
        return TryGemm(a, b, c.Shape, target);
    }

    private unsafe bool TryGemm<T>(in View a, in View b, in Shape c, in GemmTarget<T> target)
        where T : unmanaged
    {
        if (c.ElementCount == 0) return true;
        GemmOperands<T> operands = new(a, b, c);
        if (!operands.Fits) return false;
        (int m, int n) = (operands.M, operands.N);
        if (operands.Batched == 0)
        {
            _gemm.Multiply(m, n, _packed.Find(operands.Term, n), target);
            return true;
        }

        int axes = operands.Run(out int count, out int stepA, out int stepB);
        long size = (long)m * n;
        int runs = (int)(c.ElementCount / (size * count));
        for (int i = 0; i < runs; i++)
        {
            (nint distanceA, nint distanceB) = operands.Distance(i, axes);
            GemmTerm<T> term = operands.Term.Shift(distanceA, distanceB);
            _gemm.MultiplyBatch(count, m, n, term, stepA, stepB, target.Shift((nint)(i * size * count)), size);
        }

        return true;
    }

    private unsafe bool TryGemmSum<T>(ReadOnlySpan<GemmTerm> terms, in Destination c, in Destination rowSums)
        where T : unmanaged
    {
        if (c.View.Shape.ElementCount == 0) return !rowSums.Exists;
        int m = 0, n = c.View.Shape.Last;
        for (int i = 0; i < terms.Length; i++)
        {
            GemmOperands<T> operands = new(terms[i].A, terms[i].B, c.View.Shape);
            if (!operands.Fits || operands.Batched > 0) return false;
            m = operands.M;
        }

        GemmTarget<T> target = Target<T>(c, default) with
        {
            RowSums = rowSums.Exists ? rowSums.View.Pointer<T>() : null,
            RowTotals = rowSums.Exists ? _scratch.Get<double>(SlotPartials, m) : null,
            RowStore = StoreOf(rowSums),
        };
        GemmTerm<T>* some = stackalloc GemmTerm<T>[Math.Min(terms.Length, TermsAtOnce)];
        for (int first = 0; first < terms.Length; first += TermsAtOnce)
        {
            int count = Math.Min(TermsAtOnce, terms.Length - first);
            for (int i = 0; i < count; i++)
                some[i] = new GemmOperands<T>(terms[first + i].A, terms[first + i].B, c.View.Shape).Term;
            GemmTarget<T> into = target.ForBlock(first == 0, last: true, firstTerm: first == 0);
            _gemm.MultiplySum(m, n, new ReadOnlySpan<GemmTerm<T>>(some, count), into);
        }

        return true;
    }

    private static unsafe GemmTarget<T> Target<T>(in Destination c, in View bias)
        where T : unmanaged =>
        new(c.View.Pointer<T>(), c.View.Shape.Last, StoreOf(c), bias.Exists ? bias.Pointer<T>() : null);

    private static Store StoreOf(in Destination c) => c.Accumulates ? Store.Add : Store.Write;
}
