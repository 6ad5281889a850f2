namespace AutogradCore.Kernels.Ilgpu;

/// <summary>What functions of the BCL become on a device.</summary>
internal static class Replacements
{
    [Replaces(typeof(float), nameof(float.CreateTruncating))]
    public static float Single(double x) => (float)x;

    [Replaces(typeof(float), nameof(float.CreateTruncating))]
    public static float Single(float x) => x;

    [Replaces(typeof(float), nameof(float.CreateTruncating))]
    public static float Single(int x) => x;

    [Replaces(typeof(double), nameof(double.CreateTruncating))]
    public static double Double(double x) => x;

    [Replaces(typeof(double), nameof(double.CreateTruncating))]
    public static double Double(float x) => x;

    [Replaces(typeof(double), nameof(double.CreateTruncating))]
    public static double Double(int x) => x;

    [Replaces(typeof(float), nameof(float.FusedMultiplyAdd))]
    public static float FusedMultiplyAdd(float a, float b, float c) => Fused.MultiplyAddSingle(a, b, c);

    [Replaces(typeof(double), nameof(double.FusedMultiplyAdd))]
    public static double FusedMultiplyAdd(double a, double b, double c) => Fused.MultiplyAddDouble(a, b, c);
}
