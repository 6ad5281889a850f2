namespace AutogradCore.Kernels.Ilgpu;

/// <summary>TF32 of floats in memory: 8 steps of K an instruction, <c>mma.sync.m16n8k8</c>. They are rounded when they are in
/// registers, since tensor cores would cut off what TF32 does not hold.</summary>
internal readonly struct TensorFloat32Format : IAsyncFormat<float>
{
    public static int PerWord => 1;

    public static void Store(ArrayView<Words4> panels, int at, Quad<float> four) => panels[at >> 2] = new()
    {
        X = TensorCore.ToTensorFloat32(four.X),
        Y = TensorCore.ToTensorFloat32(four.Y),
        Z = TensorCore.ToTensorFloat32(four.Z),
        W = TensorCore.ToTensorFloat32(four.W),
    };

    public static Quad<float> Multiply(Quad<float> c, Words4 a, Words2 b) => TensorCore.MultiplyTensorFloat32(c, a, b);

    /// <summary>Single loads read eight neighbours of four rows: twice 16 bytes of each.</summary>
    public static int Swizzle(int depth) => 2 * (depth & 3);

    public static int SourceAcross(int outer, int width, bool isLeft)
    {
        int depth = Group.IdxX & 3, row = (Group.IdxX & 31) >> 2;
        return depth * width + (((outer + row) >> 2) ^ Swizzle(depth)) * 4 + (row & 3);
    }

    /// <summary>Matrix loads cannot turn words, so single loads do.</summary>
    public static Words4 LoadAcross(ArrayView<uint> words, int lane, int further, int width, bool isLeft)
    {
        ArrayView<uint> own = words.SubView(lane), beside = words.SubView(lane ^ 8);
        uint next = beside[further], below = own[further + 4 * width];
        return new()
        {
            X = own[further],
            Y = isLeft ? next : below,
            Z = isLeft ? below : next,
            W = beside[further + 4 * width],
        };
    }

    public static Words4 Rounded(Words4 fragment) => new()
    {
        X = Round(fragment.X),
        Y = Round(fragment.Y),
        Z = Round(fragment.Z),
        W = Round(fragment.W),
    };

    private static uint Round(uint word) => TensorCore.ToTensorFloat32(BitConverter.Int32BitsToSingle((int)word));
}
