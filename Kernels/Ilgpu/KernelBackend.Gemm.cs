using System.Numerics;
using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public abstract partial class KernelBackend
{
    private readonly IlgpuOptions _options;

    /// <summary>The way every matrix product takes where tests ask for one; null: the best for each.</summary>
    internal GemmRung? ForcedRung { get; init; }

    /// <inheritdoc/>
    public void Gemm(in View a, in View b, in Destination c, in View bias = default, in View residual = default)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Gemm(a, b, c, bias, residual);
        if (!WidenedVerbs.Are(a, b, c.View, bias, residual)) Product<Unmapped>(a, b, c, bias, residual, default);
        else if (!TryRoundedProduct<Unmapped>(a, b, c, bias, residual, default)) _widened.Gemm(a, b, c, bias, residual);
    }

    /// <inheritdoc/>
    public void GemmMap<TOp>(in View a, in View b, in View bias, in View c, in View y) where TOp : struct, IUnary<TOp>
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.GemmMap(a, b, bias, c, y);
        if (!WidenedVerbs.Are(a, b, bias, c, y)) Product<TOp>(a, b, Destination.Into(c), bias, default, y);
        else if (!TryRoundedProduct<TOp>(a, b, Destination.Into(c), bias, default, y)) _widened.GemmMap<TOp>(a, b, bias, c, y);
    }

    /// <inheritdoc/>
    public void GemmSum(ReadOnlySpan<GemmTerm> terms, in Destination c, in Destination rowSums = default)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.GemmSum(terms, c, rowSums);
        if (WidenedVerbs.Are(terms, c.View, rowSums.View))
        {
            if (!TryRoundedSum(terms, c, rowSums)) _widened.GemmSum(terms, c, rowSums);
        }
        else if (c.View.DType == DType.Float64) GemmSum<double>(terms, c, rowSums);
        else GemmSum<float>(terms, c, rowSums);
    }

    private void Product<TOp>(in View a, in View b, in Destination c, in View bias, in View residual, in View y)
        where TOp : struct, IUnary<TOp>
    {
        if (c.View.Shape.ElementCount == 0) return;
        if (c.View.DType == DType.Float64) Product<TOp, double>(a, b, c, bias, residual, y);
        else Product<TOp, float>(a, b, c, bias, residual, y);
    }

    private void Product<TOp, T>(in View a, in View b, in Destination c, in View bias, in View residual, in View y)
        where TOp : struct, IUnary<TOp>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Shape shape = c.View.Shape, outer = shape.Take(shape.Rank - 2);
        (int m, int n, int k) = (shape[^2], shape[^1], a.Shape[^1]);
        View left = a.BroadcastTo(outer.Append(m).Append(k)), right = b.BroadcastTo(outer.Append(k).Append(n));
        GemmArguments<T> arguments = new()
        {
            Target = Target<T>(c, bias, residual, y),
            Batches = outer.ElementCount,
            Terms = 1,
            Factors = new() { Term0 = Factors<T>(left, right) },
        };
        Walk.Of(Corner(left, c.View), Corner(right, c.View), out arguments.WalkA, out arguments.WalkB);
        Launch<TOp, T>(Rung(arguments.Factors.Term0, c.View), arguments);
    }

    /// <summary>As many terms in one launch as take the same way; the rest in further launches that add.</summary>
    private void GemmSum<T>(ReadOnlySpan<GemmTerm> terms, in Destination c, in Destination rowSums)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (terms.IsEmpty && c.Accumulates && (!rowSums.Exists || rowSums.Accumulates)) return;
        GemmArguments<T> arguments = new()
        {
            Target = Target<T>(c, default, default, default),
            RowSums = In<T>(rowSums),
            HasRowSums = rowSums.Exists ? 1 : 0,
            RowSumsAdd = rowSums.Exists ? Adds(rowSums) : 0,
            Batches = 1,
        };
        if (c.View.Shape.ElementCount == 0 && (!rowSums.Exists || c.View.Shape[0] == 0)) return;
        View corner = Corner(c.View, rowSums.Exists ? rowSums.View.Reshape([c.View.Shape[0], 1]) : c.View);
        Walk.Of(corner, corner, out arguments.WalkA, out arguments.WalkB);
        GemmRung rung = GemmRung.Naive;
        arguments.Terms = terms.IsEmpty ? 1 : 0; // no terms at all: one with K = 0
        foreach (GemmTerm term in terms)
        {
            GemmFactors<T> factors = Factors<T>(term.A, term.B);
            GemmRung next = Rung(factors, c.View);
            if (arguments.Terms > 0
                && (arguments.Terms == GemmTerms<T>.Most || next != rung || !SameForms(arguments.Factors.Term0, factors)))
            {
                LaunchSum(rung, arguments);
                (arguments.Terms, arguments.Target.Adds, arguments.RowSumsAdd) = (0, 1, 1);
            }
            rung = next;
            arguments.Factors.Set(arguments.Terms++, factors);
        }
        LaunchSum(rung, arguments);
    }

    private void LaunchSum<T>(GemmRung rung, in GemmArguments<T> arguments) where T : unmanaged, IFloatingPointIeee754<T>
    {
        bool isEmpty = arguments.Target.N == 0 || arguments.Target.M == 0;
        if (!isEmpty) Launch<Unmapped, T>(rung, arguments);
        if (arguments.HasRowSums == 0 || arguments.Target.M == 0 || (rung == GemmRung.Register && !isEmpty)) return;
        _device.Launch(RowSumsKernel<T>.Run, PerElement(arguments.Target.M), arguments);
    }

    private GemmRung Rung<T>(in GemmFactors<T> term, in View c) where T : unmanaged, IFloatingPointIeee754<T> =>
        ForcedRung ?? GemmPlan.Choose(
            _device, _options.MatmulPrecision, c.DType, c.Shape[^2], c.Shape[^1], term.A.Form, term.B.Form);

    private static bool SameForms<T>(in GemmFactors<T> x, in GemmFactors<T> y) where T : unmanaged =>
        x.A.Form == y.A.Form && x.B.Form == y.B.Form;

    /// <summary>The outer axes alone, for walking over matrices; over others of the same outer axes where these are empty, and
    /// nothing is read.</summary>
    private static View Corner(in View matrices, in View others)
    {
        View corner = matrices.Shape.ElementCount > 0 ? matrices : others;
        return corner.Slice(corner.Shape.Rank - 2, 0, 1).Slice(corner.Shape.Rank - 1, 0, 1);
    }
}
