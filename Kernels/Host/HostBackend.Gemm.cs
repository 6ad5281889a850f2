using AutogradCore.Kernels.Host;

namespace AutogradCore.Kernels;

public sealed partial class HostBackend
{
    private const int TermsAtOnce = 32;

    /// <inheritdoc/>
    public override void Gemm(in View a, in View b, in Destination c, in View bias = default)
    {
        bool done = c.View.DType == DType.Float64 ? TryGemm<double>(a, b, c, bias) : TryGemm<float>(a, b, c, bias);
        if (!done) base.Gemm(a, b, c, bias);
    }

    /// <inheritdoc/>
    public override void GemmSum(ReadOnlySpan<GemmTerm> terms, in Destination c)
    {
        bool done = !terms.IsEmpty && (c.View.DType == DType.Float64 ? TryGemmSum<double>(terms, c) : TryGemmSum<float>(terms, c));
        if (!done) base.GemmSum(terms, c);
    }

    private unsafe bool TryGemm<T>(in View a, in View b, in Destination c, in View bias)
        where T : unmanaged
    {
        if (c.View.Shape.ElementCount == 0) return true;
        GemmOperands<T> operands = new(a, b, c.View.Shape);
        if (!operands.Fits) return false;
        (int m, int n) = (operands.M, operands.N);
        GemmTarget<T> target = Target<T>(c, n, 0, bias.Exists ? bias.Pointer<T>() : null);
        if (operands.Batched == 0)
        {
            _gemm.Multiply(m, n, operands.Term, target);
            return true;
        }

        int axes = operands.Run(out int count, out int stepA, out int stepB);
        long size = (long)m * n;
        int runs = (int)(c.View.Shape.ElementCount / (size * count));
        for (int i = 0; i < runs; i++)
        {
            (nint distanceA, nint distanceB) = operands.Distance(i, axes);
            target = Target(c, n, i * size * count, target.Bias);
            _gemm.MultiplyBatch(count, m, n, operands.Term.Shift(distanceA, distanceB), stepA, stepB, target, size);
        }

        return true;
    }

    private unsafe bool TryGemmSum<T>(ReadOnlySpan<GemmTerm> terms, in Destination c)
        where T : unmanaged
    {
        if (c.View.Shape.ElementCount == 0) return true;
        int m = 0, n = c.View.Shape.Last;
        for (int i = 0; i < terms.Length; i++)
        {
            GemmOperands<T> operands = new(terms[i].A, terms[i].B, c.View.Shape);
            if (!operands.Fits || operands.Batched > 0) return false;
            m = operands.M;
        }

        GemmTerm<T>* some = stackalloc GemmTerm<T>[Math.Min(terms.Length, TermsAtOnce)];
        for (int first = 0; first < terms.Length; first += TermsAtOnce)
        {
            int count = Math.Min(TermsAtOnce, terms.Length - first);
            for (int i = 0; i < count; i++)
                some[i] = new GemmOperands<T>(terms[first + i].A, terms[first + i].B, c.View.Shape).Term;
            Destination into = first == 0 ? c : Destination.AddTo(c.View);
            _gemm.MultiplySum(m, n, new ReadOnlySpan<GemmTerm<T>>(some, count), Target<T>(into, n, 0, null));
        }

        return true;
    }

    private static unsafe GemmTarget<T> Target<T>(in Destination c, int n, long offset, T* bias)
        where T : unmanaged =>
        new(c.View.Pointer<T>() + offset, n, c.Accumulates ? Store.Add : Store.Write, bias);
}
