namespace AutogradCore.Kernels.Ilgpu;

/// <summary>bf16, and so in memory where it is copied: 16 steps of K an instruction, <c>mma.sync.m16n8k16</c>.</summary>
internal readonly struct BFloat16Format : IAsyncFormat<ushort>
{
    public static int PerWord => 2;

    public static void Store(ArrayView<Words4> panels, int at, Quad<float> four) => panels.Cast<Words2>()[at >> 1] = new()
    {
        X = TensorCore.ToBFloat16(four.X, four.Y),
        Y = TensorCore.ToBFloat16(four.Z, four.W),
    };

    public static Quad<float> Multiply(Quad<float> c, Words4 a, Words2 b) => TensorCore.MultiplyBFloat16(c, a, b);

    /// <summary>Matrix loads read the same 16 bytes of eight rows.</summary>
    public static int Swizzle(int depth) => depth & 7;

    public static int SourceAcross(int outer, int width, bool isLeft)
    {
        int lane = Group.IdxX & 31, low = (lane >> 3) & 1, high = lane >> 4;
        int depth = 8 * (isLeft ? high : low) + (lane & 7), eight = (outer >> 3) + (isLeft ? low : high);
        return depth * (width / 2) + (eight ^ Swizzle(depth)) * 4;
    }

    /// <summary><c>ldmatrix.trans</c> turns blocks of 8x8 on the way.</summary>
    public static Words4 LoadAcross(ArrayView<uint> words, int lane, int further, int width, bool isLeft) =>
        TensorCore.LoadTransposed(words.SubView(lane), further);

    public static Words4 Rounded(Words4 fragment) => fragment;
}
