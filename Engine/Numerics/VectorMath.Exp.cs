using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AutogradCore;

/// <summary>Elementary functions on whole vectors, T = float or double, the same bits on every machine.</summary>
/// <remarks>
/// Every lane is computed alone by the same multiply-adds, so tails go through a padded vector and come out
/// with the bits of a full one. Coefficients are minimax fits made for this file's intervals, by a Remez exchange in 50 digits.
/// Idea of Exp: x = n·ln 2 + r, |r| &lt;= ln 2 / 2; eʳ = 1 + r + r²·q(r); then scale by 2ⁿ. NaN goes through without a case.
/// </remarks>
public static partial class VectorMath
{
    /// <summary>
    /// eˣ in each lane, at most 1 ulp off. Overflows to +∞, underflows through the subnormals to 0. Scalar: MathF.Exp.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        Vector512<float> bounded = AtMost(AtLeast(x, Vector512.Create(-104f)), Vector512.Create(89f));
        Vector512<float> n = Vector512.Round(bounded * Vector512.Create(1.44269504f));
        Vector512<float> r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693147182f), bounded);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(1.90465430e-9f), r);
        return Scale(ExpOfSmall(r), n);
    }

    /// <summary>
    /// eˣ in each lane, at most 1.5 ulp off. Overflows to +∞, underflows through the subnormals to 0. Scalar: Math.Exp.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Exp(Vector512<double> x)
    {
        Vector512<double> bounded = AtMost(AtLeast(x, Vector512.Create(-746.0)), Vector512.Create(710.0));
        Vector512<double> n = Vector512.Round(bounded * Vector512.Create(1.4426950408889634));
        Vector512<double> r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.6931471805599453), bounded);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-2.3190468138462996e-17), r);
        return Scale(ExpOfSmall(r), n);
    }

    /// <summary>eʳ for |r| &lt;= ln 2 / 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> ExpOfSmall(Vector512<float> r)
    {
        Vector512<float> q = Vector512.Create(0.00138145401f);
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(0.0083687454f));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(0.0416683908f));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(0.166665204f));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(0.499999934f));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(1f));
        return Vector512.FusedMultiplyAdd(q, r, Vector512.Create(1f));
    }

    /// <inheritdoc cref="ExpOfSmall(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> ExpOfSmall(Vector512<double> r)
    {
        Vector512<double> q = Vector512.Create(2.082668099772387e-09);
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(2.5112063286629044e-08));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(2.75575817618018e-07));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(2.7557234797238683e-06));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(2.4801586926703082e-05));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(0.00019841269896434113));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(0.0013888888889115525));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(0.008333333333317022));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(0.041666666666666095));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(0.16666666666666682));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(0.5));
        return Vector512.FusedMultiplyAdd(r * r, q, r) + Vector512.Create(1.0);
    }

    /// <summary>y·2ⁿ with one rounding, for whole n; in two exact powers where the hardware has no instruction for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Scale(Vector512<float> y, Vector512<float> n)
    {
        if (Avx512F.IsSupported)
            return Avx512F.Scale(y, n);
        Vector512<int> whole = Vector512.ConvertToInt32Native(n);
        Vector512<int> half = whole >> 1;
        Vector512<float> first = ((half + Vector512.Create(127)) << 23).AsSingle();
        Vector512<float> second = ((whole - half + Vector512.Create(127)) << 23).AsSingle();
        return y * first * second;
    }

    /// <summary>y·2ⁿ with one rounding, for whole n; in two exact powers where the hardware has no instruction for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Scale(Vector512<double> y, Vector512<double> n)
    {
        if (Avx512F.IsSupported)
            return Avx512F.Scale(y, n);
        Vector512<long> whole = Vector512.ConvertToInt64Native(n);
        Vector512<long> half = whole >> 1;
        Vector512<double> first = ((half + Vector512.Create(1023L)) << 52).AsDouble();
        Vector512<double> second = ((whole - half + Vector512.Create(1023L)) << 52).AsDouble();
        return y * first * second;
    }
}
