namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Every conversion between two element types.</summary>
internal static class Conversions
{
    private const int Highest = int.MaxValue, Lowest = int.MinValue;

    public readonly struct SingleToDouble : IConversion<float, double>
    {
        public static double Apply(float x) => x;
    }

    public readonly struct SingleToInt : IConversion<float, int>
    {
        public static int Apply(float x) => x >= 2147483648f ? Highest : x <= -2147483648f ? Lowest : float.IsNaN(x) ? 0 : (int)x;
    }

    public readonly struct SingleToMask : IConversion<float, byte>
    {
        public static byte Apply(float x) => x == 0 ? (byte)0 : (byte)1;
    }

    public readonly struct DoubleToSingle : IConversion<double, float>
    {
        public static float Apply(double x) => (float)x;
    }

    public readonly struct DoubleToInt : IConversion<double, int>
    {
        public static int Apply(double x) =>
            x >= 2147483648d ? Highest : x <= -2147483648d ? Lowest : double.IsNaN(x) ? 0 : (int)x;
    }

    public readonly struct DoubleToMask : IConversion<double, byte>
    {
        public static byte Apply(double x) => x == 0 ? (byte)0 : (byte)1;
    }

    public readonly struct IntToSingle : IConversion<int, float>
    {
        public static float Apply(int x) => x;
    }

    public readonly struct IntToDouble : IConversion<int, double>
    {
        public static double Apply(int x) => x;
    }

    public readonly struct IntToMask : IConversion<int, byte>
    {
        public static byte Apply(int x) => x == 0 ? (byte)0 : (byte)1;
    }

    public readonly struct MaskToSingle : IConversion<byte, float>
    {
        public static float Apply(byte x) => x;
    }

    public readonly struct MaskToDouble : IConversion<byte, double>
    {
        public static double Apply(byte x) => x;
    }

    public readonly struct MaskToInt : IConversion<byte, int>
    {
        public static int Apply(byte x) => x;
    }
}
