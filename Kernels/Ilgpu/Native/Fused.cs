using ILGPU.Backends.PTX;
using ILGPU.IR.Intrinsics;
using IrValue = ILGPU.IR.Value;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Single instructions: a·b + c rounded once, <c>fma.rn</c>, so that no assembler chooses where to fuse; 2^x to two
/// units in the last place, <c>ex2.approx.ftz</c>, which flushes what is below the normal range; and the larger of two, where
/// NaN wins, <c>max.NaN</c>, which GPUs before compute capability 8.0 have not.</summary>
internal static class Fused
{
    [IntrinsicImplementation]
    public static float Exp2(float x) => float.Exp2(x);

    [IntrinsicImplementation]
    public static float Larger(float a, float b) => DeviceMath.Max(a, b);

    [IntrinsicImplementation]
    public static float MultiplyAddSingle(float a, float b, float c) => float.FusedMultiplyAdd(a, b, c);

    [IntrinsicImplementation]
    public static double MultiplyAddDouble(double a, double b, double c) => double.FusedMultiplyAdd(a, b, c);

    private static float Exp2InC(float x) => DeviceMath.Exp(x * 0.693147181f);

    private static float LargerInC(float a, float b) => DeviceMath.Max(a, b);

    private static float MultiplyAddSingleInC(float a, float b, float c) => a * b + c;

    private static double MultiplyAddDoubleInC(double a, double b, double c) => a * b + c;

    private static void WriteExp2(PTXBackend backend, PTXCodeGenerator code, IrValue value)
    {
        string x = PtxText.Operand(code, value[0]);
        code.Builder.AppendLine($"\tex2.approx.ftz.f32 {PtxText.Result(code, value)}, {x};");
    }

    private static void WriteLarger(PTXBackend backend, PTXCodeGenerator code, IrValue value)
    {
        string a = PtxText.Operand(code, value[0]), b = PtxText.Operand(code, value[1]), y = PtxText.Result(code, value);
        code.Builder.AppendLine(backend.Architecture.Major >= 8
            ? $"\tmax.NaN.f32 {y}, {a}, {b};"
            : $"\t{{ .reg .pred p, q; setp.gt.f32 p, {a}, {b}; setp.nan.f32 q, {a}, {a}; or.pred p, p, q; "
                + $"selp.f32 {y}, {a}, {b}, p; }}");
    }

    private static void WriteMultiplyAddSingle(PTXBackend backend, PTXCodeGenerator code, IrValue value) =>
        Write(code, value, "f32");

    private static void WriteMultiplyAddDouble(PTXBackend backend, PTXCodeGenerator code, IrValue value) =>
        Write(code, value, "f64");

    private static void Write(PTXCodeGenerator code, IrValue value, string type)
    {
        string a = PtxText.Operand(code, value[0]), b = PtxText.Operand(code, value[1]), c = PtxText.Operand(code, value[2]);
        code.Builder.AppendLine($"\tfma.rn.{type} {PtxText.Result(code, value)}, {a}, {b}, {c};");
    }
}
