using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore;

/// <content>
/// The normal distribution. Idea: Φ(-t) = exp(-t²/2)·R(t), where R falls slowly and is a quotient of two polynomials whose terms
/// are all positive; so one exponential gives density and tail, both with small relative errors down to where they vanish. The
/// square is taken in two pieces, since an exponent of 80 would lose 40 ulp with the last bits of one.
/// </content>
public static partial class VectorMath
{
    /// <summary>R and exp(-t²/2) in each lane, where Φ(-t) = R·exp(-t²/2), for minus t from -14.5 (where Φ vanishes) to 0; at
    /// most 6 ulp off together, NaN for NaN. Scalar: <see cref="ScalarMath.NormalCdf"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> NormalTail(Vector512<float> minus, out Vector512<float> exponential)
    {
        Vector512<float> half = minus * Vector512.Create(-0.5f), high = half * minus;
        Vector512<float> low = MultiplySubtract(half, minus, high);
        Vector512<float> n = Vector512.Round(high * Vector512.Create(1.44269504f));
        Vector512<float> r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693147182f), high);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(1.90465430e-9f), r + low);
        exponential = Scale(ExpOfSmall(r), n);
        Vector512<float> p = Vector512.Create(0.00401433228f);
        p = Vector512.FusedMultiplyAdd(p, minus, Vector512.Create(-0.0400123115f));
        p = Vector512.FusedMultiplyAdd(p, minus, Vector512.Create(0.181501188f));
        p = Vector512.FusedMultiplyAdd(p, minus, Vector512.Create(-0.436127797f));
        p = Vector512.FusedMultiplyAdd(p, minus, Vector512.Create(0.5f));
        Vector512<float> q = Vector512.Create(-0.010062318f);
        q = Vector512.FusedMultiplyAdd(q, minus, Vector512.Create(0.100302584f));
        q = Vector512.FusedMultiplyAdd(q, minus, Vector512.Create(-0.464864075f));
        q = Vector512.FusedMultiplyAdd(q, minus, Vector512.Create(1.19557878f));
        q = Vector512.FusedMultiplyAdd(q, minus, Vector512.Create(-1.67014036f));
        q = Vector512.FusedMultiplyAdd(q, minus, Vector512.Create(1f));
        return p / q;
    }

    /// <summary>R and exp(-t²/2) in each lane, where Φ(-t) = R·exp(-t²/2), for minus t from -38.8 (where Φ vanishes) to 0; at
    /// most 10 ulp off together, NaN for NaN. Scalar: <see cref="ScalarMath.NormalCdf"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> NormalTail(Vector512<double> minus, out Vector512<double> exponential)
    {
        Vector512<double> half = minus * Vector512.Create(-0.5), high = half * minus;
        Vector512<double> low = MultiplySubtract(half, minus, high);
        Vector512<double> n = Vector512.Round(high * Vector512.Create(1.4426950408889634));
        Vector512<double> r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.6931471805599453), high);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-2.3190468138462996e-17), r + low);
        exponential = Scale(ExpOfSmall(r), n);
        Vector512<double> p = Vector512.Create(2.0282381703204444e-07);
        p = Vector512.FusedMultiplyAdd(p, minus, Vector512.Create(-6.426808009245296e-06));
        p = Vector512.FusedMultiplyAdd(p, minus, Vector512.Create(9.959906916289646e-05));
        p = Vector512.FusedMultiplyAdd(p, minus, Vector512.Create(-0.0009833341258888176));
        p = Vector512.FusedMultiplyAdd(p, minus, Vector512.Create(0.006805977076913802));
        p = Vector512.FusedMultiplyAdd(p, minus, Vector512.Create(-0.034389364390420424));
        p = Vector512.FusedMultiplyAdd(p, minus, Vector512.Create(0.12834685275330485));
        p = Vector512.FusedMultiplyAdd(p, minus, Vector512.Create(-0.34991644041096104));
        p = Vector512.FusedMultiplyAdd(p, minus, Vector512.Create(0.6701327233746281));
        p = Vector512.FusedMultiplyAdd(p, minus, Vector512.Create(-0.8219592851148714));
        p = Vector512.FusedMultiplyAdd(p, minus, Vector512.Create(0.5));
        Vector512<double> q = Vector512.Create(-5.084039145409817e-07);
        q = Vector512.FusedMultiplyAdd(q, minus, Vector512.Create(1.6109618671629695e-05));
        q = Vector512.FusedMultiplyAdd(q, minus, Vector512.Create(-0.0002501662468018324));
        q = Vector512.FusedMultiplyAdd(q, minus, Vector512.Create(0.002480962742257157));
        q = Vector512.FusedMultiplyAdd(q, minus, Vector512.Create(-0.01730869560245256));
        q = Vector512.FusedMultiplyAdd(q, minus, Vector512.Create(0.08863398734523438));
        q = Vector512.FusedMultiplyAdd(q, minus, Vector512.Create(-0.3382836647382312));
        q = Vector512.FusedMultiplyAdd(q, minus, Vector512.Create(0.9585433474605567));
        q = Vector512.FusedMultiplyAdd(q, minus, Vector512.Create(-1.9698278159550342));
        q = Vector512.FusedMultiplyAdd(q, minus, Vector512.Create(2.7885424655202695));
        q = Vector512.FusedMultiplyAdd(q, minus, Vector512.Create(-2.441803131032608));
        q = Vector512.FusedMultiplyAdd(q, minus, Vector512.Create(1.0));
        return p / q;
    }

    /// <summary>-|x| in each lane, no further from 0 than Φ is positive: the argument of <see cref="NormalTail{T}"/>.
    /// NaN for NaN. Scalar: Math.Max(-Math.Abs(x), bound).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> NormalArgument<T>(Vector512<T> x) => typeof(T) == typeof(float)
        ? AtLeast(x.AsSingle() | Vector512.Create(-0f), Vector512.Create(-14.5f)).As<float, T>()
        : AtLeast(x.AsDouble() | Vector512.Create(-0.0), Vector512.Create(-38.8)).As<double, T>();
}
