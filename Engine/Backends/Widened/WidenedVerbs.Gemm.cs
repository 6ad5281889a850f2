using static AutogradCore.Destination;

namespace AutogradCore;

public sealed partial class WidenedVerbs
{
    /// <inheritdoc cref="IBackend.Gemm"/>
    /// <remarks>A residual is added to the rounded product, so that the bits are those of a separate sum.</remarks>
    public void Gemm(in View a, in View b, in Destination c, in View bias = default, in View residual = default)
    {
        using (Widening w = new(backend))
        {
            backend.Gemm(w.Read(a), w.Read(b), w.Write(c), w.Read(bias));
            w.Store();
        }
        if (residual.Exists) backend.Copy(residual, AddTo(c.View));
    }

    /// <inheritdoc cref="IBackend.GemmMap{TOp}"/>
    public void GemmMap<TOp>(in View a, in View b, in View bias, in View c, in View y) where TOp : struct, IUnary<TOp>
    {
        Gemm(a, b, Into(c), bias);
        backend.Map<TOp>(c, Into(y));
    }

    /// <inheritdoc cref="IBackend.GemmSum"/>
    /// <remarks>One term at a time is widened. The sum over the terms is rounded once, where it is rounded at all.</remarks>
    public void GemmSum(ReadOnlySpan<GemmTerm> terms, in Destination c, in Destination rowSums = default)
    {
        using Widening w = new(backend);
        Destination sum = w.Write(c), sums = w.Write(rowSums);
        if (terms.IsEmpty) backend.GemmSum(terms, sum, sums);
        foreach (ref readonly GemmTerm term in terms)
        {
            using Widening factors = new(backend);
            backend.GemmSum([new(factors.Read(term.A), factors.Read(term.B))], sum, sums);
            (sum, sums) = (AddTo(sum.View), sums.Exists ? AddTo(sums.View) : default);
        }
        w.Store();
    }
}
