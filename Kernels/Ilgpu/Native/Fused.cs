using ILGPU.Backends.PTX;
using ILGPU.IR.Intrinsics;
using IrValue = ILGPU.IR.Value;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>a·b + c rounded once, <c>fma.rn</c>: so that no assembler chooses where to fuse.</summary>
internal static class Fused
{
    [IntrinsicImplementation]
    public static float MultiplyAddSingle(float a, float b, float c) => float.FusedMultiplyAdd(a, b, c);

    [IntrinsicImplementation]
    public static double MultiplyAddDouble(double a, double b, double c) => double.FusedMultiplyAdd(a, b, c);

    private static float MultiplyAddSingleInC(float a, float b, float c) => a * b + c;

    private static double MultiplyAddDoubleInC(double a, double b, double c) => a * b + c;

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
