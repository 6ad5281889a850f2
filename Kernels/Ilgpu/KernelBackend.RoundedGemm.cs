using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

/// <content>Products of factors that are <see cref="BFloat16"/> in memory.</content>
public abstract unsafe partial class KernelBackend
{
    /// <summary>Whether a product's types are those that kernels read directly: rounded factors, C with its residual and f(C) of
    /// one type, the bias in floats.</summary>
    private static bool IsDirect(in View a, in View b, in View c, in View bias, in View residual, in View y) =>
        a.DType == DType.BFloat16 && b.DType == DType.BFloat16 && (!bias.Exists || bias.DType == DType.Float32)
        && (!residual.Exists || residual.DType == c.DType) && (!y.Exists || y.DType == c.DType);

    private bool TryRoundedProduct<TOp>(in View a, in View b, in Destination c, in View bias, in View residual, in View y)
        where TOp : struct, IUnary<TOp>
    {
        if (!IsDirect(a, b, c.View, bias, residual, y)) return false;
        if (c.View.DType == DType.BFloat16) return TryProduct<TOp, ushort, BFloat16Storage>(a, b, c, bias, residual, y);
        return c.View.DType == DType.Float32 && TryProduct<TOp, float, FloatStorage>(a, b, c, bias, residual, y);
    }

    private bool TryProduct<TOp, TStored, TStorage>(
        in View a, in View b, in Destination c, in View bias, in View residual, in View y)
        where TOp : struct, IUnary<TOp>
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        Shape shape = c.View.Shape, outer = shape.Take(shape.Rank - 2);
        if (shape.ElementCount == 0) return true;
        (int m, int n, int k) = (shape[^2], shape[^1], a.Shape[^1]);
        View left = a.BroadcastTo(outer.Append(m).Append(k)), right = b.BroadcastTo(outer.Append(k).Append(n));
        RoundedGemmArguments<ushort, TStored> arguments = new()
        {
            Factors = new() { Term0 = Factors<ushort>(left, right) },
            Target = RoundedTarget<TStored>(c, bias, residual, y),
            Batches = outer.ElementCount,
            Terms = 1,
        };
        if (RoundedRung(arguments.Factors.Term0, c.View) is not { } rung) return false;
        Walk.Of(Corner(left, c.View), Corner(right, c.View), out arguments.WalkA, out arguments.WalkB);
        Launch<TOp, TStored, TStorage>(rung, arguments);
        return true;
    }

    /// <summary>Sums over terms stay in floats from one term to the next, so only float results are computed here.</summary>
    private bool TryRoundedSum(ReadOnlySpan<GemmTerm> terms, in Destination c, in Destination rowSums)
    {
        if (terms.IsEmpty || c.View.DType != DType.Float32 || c.View.Shape.ElementCount == 0) return false;
        if (rowSums.Exists && rowSums.View.DType != DType.Float32) return false;
        foreach (ref readonly GemmTerm term in terms)
            if (!IsDirect(term.A, term.B, c.View, default, default, default)
                || RoundedRung(Factors<ushort>(term.A, term.B), c.View) is null) return false;
        View corner = c.View.Slice(0, 0, 1).Slice(1, 0, 1);
        for (int first = 0; first < terms.Length;)
        {
            RoundedGemmArguments<ushort, float> arguments = new()
            {
                Target = RoundedTarget<float>(first == 0 ? c : Destination.AddTo(c.View), default, default, default),
                RowSums = In<float>(rowSums),
                RowSumsAdd = rowSums.Exists && (rowSums.Accumulates || first > 0) ? 1 : 0,
                Batches = 1,
            };
            Walk.Of(corner, corner, out arguments.WalkA, out arguments.WalkB);
            GemmFactors<ushort> leader = Factors<ushort>(terms[first].A, terms[first].B);
            for (; first < terms.Length && arguments.Terms < GemmTerms<ushort>.Most; first++)
            {
                GemmFactors<ushort> factors = Factors<ushort>(terms[first].A, terms[first].B);
                if (!SameForms(leader, factors) || RoundedRung(factors, c.View) != RoundedRung(leader, c.View)) break;
                arguments.Factors.Set(arguments.Terms++, factors);
            }
            if (c.View.Shape.ElementCount > 0)
                Launch<Unmapped, float, FloatStorage>(RoundedRung(leader, c.View)!.Value, arguments);
            if (rowSums.Exists && arguments.Target.M > 0)
                _device.Launch(RoundedRowSumsKernel.Run, PerElement(arguments.Target.M), arguments);
        }
        return true;
    }

    private void Launch<TOp, TStored, TStorage>(GemmRung rung, in RoundedGemmArguments<ushort, TStored> a)
        where TOp : struct, IUnary<TOp>
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        (int m, int n) = (a.Target.M, a.Target.N);
        if (rung == GemmRung.Naive)
        {
            _device.Launch(RoundedGemmKernel<TOp, TStored, TStorage>.Run, PerElement((long)m * n * a.Batches), a);
            return;
        }
        if (rung == GemmRung.AsyncBFloat16)
        {
            LaunchAsync<TOp, ushort, BFloat16Format, TStored, TStorage>(a);
            return;
        }
        LaunchMma<TOp, ushort, RoundedStage, TStored, TStorage, RoundedPanel<AlongDepth>, RoundedPanel<AlongOuter>>(a);
    }

    private GemmRung? RoundedRung(in GemmFactors<ushort> term, in View c)
    {
        bool hasNeighbours = term.A.Form != GemmForm.Strided && term.B.Form != GemmForm.Strided;
        bool isAligned = term.A.IsAligned != 0 && term.B.IsAligned != 0;
        if (ForcedRung is not { } forced)
            return GemmPlan.ChooseRounded(_device, c.Shape[^2], c.Shape[^1], hasNeighbours, isAligned);
        if (forced == GemmRung.Naive) return forced;
        if (forced is not (GemmRung.BFloat16 or GemmRung.AsyncBFloat16) || !hasNeighbours) return null;
        return isAligned ? forced : GemmRung.BFloat16;
    }

    private RoundedTarget<TStored> RoundedTarget<TStored>(in Destination c, in View bias, in View residual, in View y)
        where TStored : unmanaged => new()
        {
            C = In<TStored>(c),
            Bias = In<float>(bias),
            Residual = In<TStored>(residual),
            Y = In<TStored>(y),
            M = c.View.Shape[^2],
            N = c.View.Shape[^1],
            Adds = Adds(c),
            HasBias = Has(bias),
            HasResidual = Has(residual),
            Maps = Has(y),
            IsAligned = c.View.Shape[^1] % 2 == 0 && IsAligned<TStored>(c.View) && IsAligned<float>(bias)
                && IsAligned<TStored>(residual) && IsAligned<TStored>(y) ? 1 : 0,
        };
}
