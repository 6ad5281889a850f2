using ILGPU.Backends.PTX;
using ILGPU.IR.Intrinsics;
using IrValue = ILGPU.IR.Value;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Matrix instructions of a warp (compute capability 8.0 and above), each a single instruction on registers; the
/// layout of fragments is written down where they are emulated. Only for devices that have tensor cores: the bodies here never
/// run.</summary>
internal static class TensorCore
{
    /// <summary>Rounds two floats to bf16, to nearest and ties to even; the first is the low half.</summary>
    [IntrinsicImplementation]
    public static uint ToBFloat16(float low, float high) => throw new NotSupportedException();

    /// <summary>Rounds a float to TF32: to nearest, ties away from zero.</summary>
    [IntrinsicImplementation]
    public static uint ToTensorFloat32(float x) => throw new NotSupportedException();

    /// <summary>Four blocks of 8 rows by 4 words; lanes 8i..8i+7 name where the rows of block i start.</summary>
    public static Words4 Load(ArrayView<uint> shared, int at) => LoadMatrix(ref shared[new Index1D(at)]);

    /// <summary>As <see cref="Load"/>, each block of 8x8 half words transposed.</summary>
    public static Words4 LoadTransposed(ArrayView<uint> shared, int at) => LoadMatrixTransposed(ref shared[new Index1D(at)]);

    /// <summary>c + a·b with a:[16,16], b:[16,8] in bf16.</summary>
    [IntrinsicImplementation]
    public static Quad<float> MultiplyBFloat16(Quad<float> c, Words4 a, Words2 b) => throw new NotSupportedException();

    /// <summary>c + a·b with a:[16,8], b:[8,8] in TF32.</summary>
    [IntrinsicImplementation]
    public static Quad<float> MultiplyTensorFloat32(Quad<float> c, Words4 a, Words2 b) => throw new NotSupportedException();

    [IntrinsicImplementation]
    private static Words4 LoadMatrix(ref uint row) => throw new NotSupportedException();

    [IntrinsicImplementation]
    private static Words4 LoadMatrixTransposed(ref uint row) => throw new NotSupportedException();

    private static void WriteToBFloat16(PTXBackend backend, PTXCodeGenerator code, IrValue value)
    {
        string low = PtxText.Operand(code, value[0]), high = PtxText.Operand(code, value[1]);
        code.Builder.AppendLine($"\tcvt.rn.bf16x2.f32 {PtxText.Result(code, value)}, {high}, {low};");
    }

    private static void WriteToTensorFloat32(PTXBackend backend, PTXCodeGenerator code, IrValue value)
    {
        string x = PtxText.Operand(code, value[0]);
        code.Builder.AppendLine($"\tcvt.rna.tf32.f32 {PtxText.Result(code, value)}, {x};");
    }

    private static void WriteLoadMatrix(PTXBackend backend, PTXCodeGenerator code, IrValue value) => WriteLoad(code, value, "");

    private static void WriteLoadMatrixTransposed(PTXBackend backend, PTXCodeGenerator code, IrValue value) =>
        WriteLoad(code, value, ".trans");

    private static void WriteMultiplyBFloat16(PTXBackend backend, PTXCodeGenerator code, IrValue value) =>
        WriteMultiply(code, value, "m16n8k16.row.col.f32.bf16.bf16.f32");

    private static void WriteMultiplyTensorFloat32(PTXBackend backend, PTXCodeGenerator code, IrValue value) =>
        WriteMultiply(code, value, "m16n8k8.row.col.f32.tf32.tf32.f32");

    private static void WriteLoad(PTXCodeGenerator code, IrValue value, string trans)
    {
        string row = PtxText.Operand(code, value[0]);
        code.Builder.AppendLine($"\tldmatrix.sync.aligned.m8n8.x4{trans}.shared.b16 {PtxText.Results(code, value)}, [{row}];");
    }

    private static void WriteMultiply(PTXCodeGenerator code, IrValue value, string form)
    {
        string c = PtxText.Operands(code, value[0]), a = PtxText.Operands(code, value[1]), b = PtxText.Operands(code, value[2]);
        code.Builder.AppendLine($"\tmma.sync.aligned.{form} {PtxText.Results(code, value)}, {a}, {b}, {c};");
    }
}
