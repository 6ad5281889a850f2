using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore;

/// <content>
/// tanh and the logistic function. Idea: near 0 tanh x = x + x³·p(x²); elsewhere 1 - 2 / (e²ˣ + 1). The logistic function uses
/// e⁻ˣ for positive and eˣ for negative x, so nothing overflows.
/// </content>
public static partial class VectorMath
{
    /// <summary>tanh x in each lane, at most 2 ulp off; keeps the sign of zero. Scalar: MathF.Tanh.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Tanh(Vector512<float> x)
    {
        Vector512<float> size = Vector512.Abs(x), u = x * x;
        Vector512<float> p = Vector512.Create(-0.00571750384f);
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(0.0206510518f));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(-0.0537436642f));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(0.133314937f));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(-0.333332837f));
        Vector512<float> small = Vector512.FusedMultiplyAdd(size * u, p, size);
        Vector512<float> e = Exp(size + size);
        Vector512<float> large = Vector512.Create(1f) - (Vector512.Create(2f) / (e + Vector512.Create(1f)));
        Vector512<float> y = Vector512.ConditionalSelect(Vector512.LessThan(size, Vector512.Create(0.625f)), small, large);
        return y | (x & Vector512.Create(-0f));
    }

    /// <summary>tanh x in each lane, at most 3 ulp off; keeps the sign of zero. Scalar: Math.Tanh.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Tanh(Vector512<double> x)
    {
        Vector512<double> u = x * x;
        Vector512<double> p = Vector512.Create(-2.1944773893084224e-05);
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(8.684547265660301e-05));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(-0.0002355760225022896));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(0.0005892149453037367));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(-0.0014557105135314778));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(0.0035921153973364627));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(-0.008863234681952659));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(0.02186948850031011));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(-0.053968253967372815));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(0.13333333333332253));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(-0.3333333333333333));
        Vector512<double> size = Vector512.Abs(x);
        Vector512<double> small = Vector512.FusedMultiplyAdd(size * u, p, size);
        Vector512<double> e = Exp(size + size);
        Vector512<double> large = Vector512.Create(1.0) - (Vector512.Create(2.0) / (e + Vector512.Create(1.0)));
        Vector512<double> y = Vector512.ConditionalSelect(Vector512.LessThan(size, Vector512.Create(0.5)), small, large);
        return y | (x & Vector512.Create(-0.0));
    }

    /// <summary>1 / (1 + e⁻ˣ) in each lane, at most 2 ulp off also where it is subnormal. Scalar: the formula.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x)
    {
        Vector512<float> one = Vector512.Create(1f);
        Vector512<float> e = Exp(-Vector512.Abs(x));
        Vector512<float> top = Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<float>.Zero), e, one);
        return top / (one + e);
    }

    /// <summary>1 / (1 + e⁻ˣ) in each lane, at most 3 ulp off also where it is subnormal. Scalar: the formula.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Sigmoid(Vector512<double> x)
    {
        Vector512<double> one = Vector512.Create(1.0);
        Vector512<double> e = Exp(-Vector512.Abs(x));
        Vector512<double> top = Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<double>.Zero), e, one);
        return top / (one + e);
    }
}
