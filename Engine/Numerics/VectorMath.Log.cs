using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore;

/// <content>
/// The natural logarithm. Idea: x = 2ⁿ·(1 + f) with 1 + f in [√½, √2); log x = n·ln 2 + log(1 + f), ln 2 in two pieces. Float
/// fits log(1 + f) directly; double goes through s = f / (2 + f), where the series in s² is short.
/// </content>
public static partial class VectorMath
{
    /// <summary>
    /// Natural logarithm in each lane, at most 2 ulp off. log 0 = -∞, negative numbers give NaN. Scalar: MathF.Log.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Log(Vector512<float> x)
    {
        Vector512<float> subnormal = Vector512.LessThan(x, Vector512.Create(1.17549435e-38f));
        Vector512<float> normal = Vector512.ConditionalSelect(subnormal, x * Vector512.Create(33554432f), x);
        Vector512<int> bits = normal.AsInt32();
        Vector512<int> exponent = (bits - Vector512.Create(0x3f3504f3)) >> 23;
        Vector512<float> n = Vector512.ConvertToSingle(exponent) - (subnormal & Vector512.Create(25f));
        Vector512<float> f = (bits - (exponent << 23)).AsSingle() - Vector512.Create(1f);
        Vector512<float> p = Vector512.Create(0.069159694f);
        p = Vector512.FusedMultiplyAdd(p, f, Vector512.Create(-0.117888518f));
        p = Vector512.FusedMultiplyAdd(p, f, Vector512.Create(0.118721507f));
        p = Vector512.FusedMultiplyAdd(p, f, Vector512.Create(-0.123844758f));
        p = Vector512.FusedMultiplyAdd(p, f, Vector512.Create(0.142188013f));
        p = Vector512.FusedMultiplyAdd(p, f, Vector512.Create(-0.166692466f));
        p = Vector512.FusedMultiplyAdd(p, f, Vector512.Create(0.200022176f));
        p = Vector512.FusedMultiplyAdd(p, f, Vector512.Create(-0.249999866f));
        p = Vector512.FusedMultiplyAdd(p, f, Vector512.Create(0.333333105f));
        Vector512<float> square = f * f;
        Vector512<float> tail = Vector512.FusedMultiplyAdd(square * f, p, n * Vector512.Create(-2.12194440e-4f));
        tail = Vector512.FusedMultiplyAdd(square, Vector512.Create(-0.5f), tail);
        Vector512<float> y = Vector512.FusedMultiplyAdd(n, Vector512.Create(0.693359375f), f + tail);
        Vector512<float> positive
            = Vector512.GreaterThan(x, Vector512<float>.Zero)
            & Vector512.LessThan(x, Vector512.Create(float.PositiveInfinity));
        Vector512<float> zero = Vector512.Equals(x, Vector512<float>.Zero);
        Vector512<float> infinite = Vector512.Equals(x, Vector512.Create(float.PositiveInfinity));
        Vector512<float> other = Vector512.ConditionalSelect(infinite, x, Vector512.Create(float.NaN));
        other = Vector512.ConditionalSelect(zero, Vector512.Create(float.NegativeInfinity), other);
        return Vector512.ConditionalSelect(positive, y, other);
    }

    /// <summary>
    /// Natural logarithm in each lane, at most 2 ulp off. log 0 = -∞, negative numbers give NaN. Scalar: Math.Log.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Log(Vector512<double> x)
    {
        Vector512<double> subnormal = Vector512.LessThan(x, Vector512.Create(2.2250738585072014e-308));
        Vector512<double> normal = Vector512.ConditionalSelect(subnormal, x * Vector512.Create(18014398509481984.0), x);
        Vector512<long> bits = normal.AsInt64();
        Vector512<long> exponent = (bits - Vector512.Create(0x3fe6a09e667f3bcdL)) >> 52;
        Vector512<double> n = Vector512.ConvertToDouble(exponent) - (subnormal & Vector512.Create(54.0));
        Vector512<double> f = (bits - (exponent << 52)).AsDouble() - Vector512.Create(1.0);
        Vector512<double> s = f / (f + Vector512.Create(2.0));
        Vector512<double> z = s * s;
        Vector512<double> p = Vector512.Create(0.14795544780476227);
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(0.153140939427783));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(0.18183562486182994));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(0.22222198612223282));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(0.28571428741958005));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(0.39999999999416946));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(0.6666666666666734));
        Vector512<double> half = f * f * Vector512.Create(0.5);
        Vector512<double> tail = Vector512.FusedMultiplyAdd(s, half + (z * p), n * Vector512.Create(1.9082149292705877e-10));
        Vector512<double> y = Vector512.FusedMultiplyAdd(n, Vector512.Create(0.6931471803691238), f - (half - tail));
        Vector512<double> positive
            = Vector512.GreaterThan(x, Vector512<double>.Zero)
            & Vector512.LessThan(x, Vector512.Create(double.PositiveInfinity));
        Vector512<double> zero = Vector512.Equals(x, Vector512<double>.Zero);
        Vector512<double> infinite = Vector512.Equals(x, Vector512.Create(double.PositiveInfinity));
        Vector512<double> other = Vector512.ConditionalSelect(infinite, x, Vector512.Create(double.NaN));
        other = Vector512.ConditionalSelect(zero, Vector512.Create(double.NegativeInfinity), other);
        return Vector512.ConditionalSelect(positive, y, other);
    }
}
