namespace AutogradCore.Kernels.Ilgpu;

/// <summary>What functions of the BCL become on a device.</summary>
internal static class Replacements
{
    [Replaces(typeof(float), nameof(float.CreateTruncating))]
    [Replaces(typeof(float), nameof(float.CreateChecked))]
    [Replaces(typeof(float), nameof(float.CreateSaturating))]
    public static float Single(double x) => (float)x;

    [Replaces(typeof(float), nameof(float.CreateTruncating))]
    [Replaces(typeof(float), nameof(float.CreateChecked))]
    [Replaces(typeof(float), nameof(float.CreateSaturating))]
    public static float Single(float x) => x;

    [Replaces(typeof(float), nameof(float.CreateTruncating))]
    [Replaces(typeof(float), nameof(float.CreateChecked))]
    [Replaces(typeof(float), nameof(float.CreateSaturating))]
    public static float Single(int x) => x;

    [Replaces(typeof(double), nameof(double.CreateTruncating))]
    [Replaces(typeof(double), nameof(double.CreateChecked))]
    [Replaces(typeof(double), nameof(double.CreateSaturating))]
    public static double Double(double x) => x;

    [Replaces(typeof(double), nameof(double.CreateTruncating))]
    [Replaces(typeof(double), nameof(double.CreateChecked))]
    [Replaces(typeof(double), nameof(double.CreateSaturating))]
    public static double Double(float x) => x;

    [Replaces(typeof(double), nameof(double.CreateTruncating))]
    [Replaces(typeof(double), nameof(double.CreateChecked))]
    [Replaces(typeof(double), nameof(double.CreateSaturating))]
    public static double Double(int x) => x;

    [Replaces(typeof(MathF), nameof(MathF.Exp))]
    public static float Exp(float x) => DeviceMath.Exp(x);

    [Replaces(typeof(Math), nameof(Math.Exp))]
    public static double Exp(double x) => DeviceMath.Exp(x);

    [Replaces(typeof(MathF), nameof(MathF.Log))]
    public static float Log(float x) => DeviceMath.Log(x);

    [Replaces(typeof(Math), nameof(Math.Log))]
    public static double Log(double x) => DeviceMath.Log(x);

    [Replaces(typeof(MathF), nameof(MathF.Tanh))]
    public static float Tanh(float x) => DeviceMath.Tanh(x);

    [Replaces(typeof(Math), nameof(Math.Tanh))]
    public static double Tanh(double x) => DeviceMath.Tanh(x);

    [Replaces(typeof(Gelu), "Cdf")]
    public static float NormalCdf(float x) => DeviceMath.NormalCdf(x);

    [Replaces(typeof(Gelu), "Cdf")]
    public static double NormalCdf(double x) => DeviceMath.NormalCdf(x);

    [Replaces(typeof(float), nameof(float.Max))]
    public static float Max(float a, float b) => Fused.Larger(a, b);

    [Replaces(typeof(double), nameof(double.Max))]
    public static double Max(double a, double b) => DeviceMath.Max(a, b);

    [Replaces(typeof(float), nameof(float.Min))]
    public static float Min(float a, float b) => DeviceMath.Min(a, b);

    [Replaces(typeof(double), nameof(double.Min))]
    public static double Min(double a, double b) => DeviceMath.Min(a, b);

    [Replaces(typeof(float), nameof(float.Clamp))]
    public static float Clamp(float x, float low, float high) => DeviceMath.Clamp(x, low, high);

    [Replaces(typeof(double), nameof(double.Clamp))]
    public static double Clamp(double x, double low, double high) => DeviceMath.Clamp(x, low, high);

    [Replaces(typeof(float), nameof(float.FusedMultiplyAdd))]
    public static float FusedMultiplyAdd(float a, float b, float c) => Fused.MultiplyAddSingle(a, b, c);

    [Replaces(typeof(double), nameof(double.FusedMultiplyAdd))]
    public static double FusedMultiplyAdd(double a, double b, double c) => Fused.MultiplyAddDouble(a, b, c);

    [Replaces(typeof(float), nameof(float.Exp2))]
    public static float Exp2(float x) => Fused.Exp2(x);
}
