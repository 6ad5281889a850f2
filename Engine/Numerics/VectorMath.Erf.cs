using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore;

/// <content>
/// The error function. Idea: below 1, x·p(x²); above, 1 - e^w(x) where the polynomial w fits log(1 - erf), which is smooth and
/// needs little accuracy where its exponential is small.
/// </content>
public static partial class VectorMath
{
    /// <summary>erf x in each lane, at most 2.5 ulp off; keeps the sign of zero, ±1 at ±∞. Scalar: the integral.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Erf(Vector512<float> x)
    {
        Vector512<float> u = x * x;
        Vector512<float> p = Vector512.Create(7.88911493e-05f);
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(-0.000802084047f));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(0.00518953521f));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(-0.0268544443f));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(0.112836003f));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(-0.37612626f));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(1.12837911f));
        Vector512<float> sign = x & Vector512.Create(-0f);
        Vector512<float> size = Vector512.Abs(x);
        Vector512<float> v = Vector512.MinNative(size, Vector512.Create(4f)) - Vector512.Create(1f);
        Vector512<float> w = Vector512.Create(2.5180708e-07f);
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(-2.33068367e-05f));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(0.00029362709f));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(-0.00201719697f));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(0.0100500407f));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(-0.0415647849f));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(-0.843106866f));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(-2.63896751f));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(-1.84960556f));
        Vector512<float> large = (Vector512.Create(1f) - Exp(w)) | sign;
        Vector512<float> y = Vector512.ConditionalSelect(Vector512.LessThan(size, Vector512.Create(1f)), x * p, large);
        return Vector512.ConditionalSelect(Vector512.Equals(x, x), y, x);
    }

    /// <summary>erf x in each lane, within 1e-15; keeps the sign of zero, ±1 at ±∞. Scalar: the integral.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Erf(Vector512<double> x)
    {
        Vector512<double> u = x * x;
        Vector512<double> p = Vector512.Create(5.960687365487138e-11);
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(-1.1374956310600045e-09));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(1.4660328685329812e-08));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(-1.6350396185651638e-07));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(1.6461008470897275e-06));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(-1.4925595771510586e-05));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(0.00012055331132916607));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(-0.0008548326981424113));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(0.0052239776248283985));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(-0.02686617064507787));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(0.11283791670954885));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(-0.3761263890318375));
        p = Vector512.FusedMultiplyAdd(p, u, Vector512.Create(1.1283791670955126));
        Vector512<double> sign = x & Vector512.Create(-0.0);
        Vector512<double> size = Vector512.Abs(x);
        Vector512<double> v = Vector512.MinNative(size, Vector512.Create(6.0)) - Vector512.Create(1.0);
        Vector512<double> w = Vector512.Create(-4.793584049243827e-16);
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(1.4117775160666485e-14));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(-1.665422360451691e-13));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(7.269334953639755e-13));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(5.043509945567786e-12));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(-1.0742871192531025e-10));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(9.352827541722113e-10));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(-5.425667913413354e-09));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(2.3027621139787152e-08));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(-7.090979261612568e-08));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(1.3045243355551017e-07));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(9.94441668745817e-08));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(-2.016309641139982e-06));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(9.576082650762278e-06));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(-2.7140618334118497e-05));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(2.6270234073834735e-05));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(0.00023732473593010878));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(-0.001977903025166023));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(0.010033825434687326));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(-0.04156109804654677));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(-0.8431072563584847));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(-2.6389675142347913));
        w = Vector512.FusedMultiplyAdd(w, v, Vector512.Create(-1.8496055099332482));
        Vector512<double> large = (Vector512.Create(1.0) - Exp(w)) | sign;
        Vector512<double> y = Vector512.ConditionalSelect(Vector512.LessThan(size, Vector512.Create(1.0)), x * p, large);
        return Vector512.ConditionalSelect(Vector512.Equals(x, x), y, x);
    }
}
