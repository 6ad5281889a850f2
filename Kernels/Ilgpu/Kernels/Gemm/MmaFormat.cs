namespace AutogradCore.Kernels.Ilgpu;

/// <summary>What factors are rounded to on their way into shared memory, and how tensor cores read them there. A staged panel is 128
/// rows of A (or columns of B) by 16 words of K.</summary>
internal interface IMmaFormat
{
    /// <summary>Steps of K per word: two bf16, or one TF32.</summary>
    static abstract int PerWord { get; }

    /// <summary>Rounds four neighbours and puts them at word <paramref name="at"/>.</summary>
    static abstract void Store(ArrayView<Words4> panels, int at, Quad<float> four);

    /// <summary>The fragment of a panel stored as [depth][outer].</summary>
    /// <param name="panels">The words of both panels.</param>
    /// <param name="at">Where the panel starts.</param>
    /// <param name="outer">First row of A or column of B, of sixteen.</param>
    /// <param name="word">First word of K, of eight.</param>
    /// <param name="isLeft">Whether it is A's fragment, or two fragments of B side by side.</param>
    static abstract Words4 Transposed(ArrayView<uint> panels, int at, int outer, int word, bool isLeft);

    /// <summary>c + a·b on a 16x8 tile.</summary>
    static abstract Quad<float> Multiply(Quad<float> c, Words4 a, Words2 b);
}

/// <summary>bf16: 16 steps of K an instruction, <c>mma.sync.m16n8k16</c>.</summary>
internal readonly struct BFloat16Format : IMmaFormat
{
    public static int PerWord => 2;

    public static void Store(ArrayView<Words4> panels, int at, Quad<float> four) => panels.Cast<Words2>()[at >> 1] = new()
    {
        X = TensorCore.ToBFloat16(four.X, four.Y),
        Y = TensorCore.ToBFloat16(four.Z, four.W),
    };

    /// <summary><c>ldmatrix.trans</c> turns blocks of 8x8 on the way; a row of the panel has two elements a word.</summary>
    public static Words4 Transposed(ArrayView<uint> panels, int at, int outer, int word, bool isLeft)
    {
        int lane = Group.IdxX & 31, low = (lane >> 3) & 1, high = lane >> 4;
        int o = outer + 8 * (isLeft ? low : high), k = 2 * word + 8 * (isLeft ? high : low) + (lane & 7);
        return TensorCore.LoadTransposed(panels, at + k * (MmaGemm.Block / 2 + 4) + (o >> 1));
    }

    public static Quad<float> Multiply(Quad<float> c, Words4 a, Words2 b) => TensorCore.MultiplyBFloat16(c, a, b);
}

/// <summary>TF32: 8 steps of K an instruction, <c>mma.sync.m16n8k8</c>.</summary>
internal readonly struct TensorFloat32Format : IMmaFormat
{
    public static int PerWord => 1;

    public static void Store(ArrayView<Words4> panels, int at, Quad<float> four) => panels[at >> 2] = new()
    {
        X = TensorCore.ToTensorFloat32(four.X),
        Y = TensorCore.ToTensorFloat32(four.Y),
        Z = TensorCore.ToTensorFloat32(four.Z),
        W = TensorCore.ToTensorFloat32(four.W),
    };

    /// <summary>Matrix loads cannot turn words, so single loads do; rows are 136 words apart, which keeps their banks apart.</summary>
    public static Words4 Transposed(ArrayView<uint> panels, int at, int outer, int word, bool isLeft)
    {
        const int pitch = MmaGemm.Block + 8;
        int lane = Group.IdxX & 31, i = at + (word + (lane & 3)) * pitch + outer + (lane >> 2);
        uint first = panels[i], beside = panels[i + 8], below = panels[i + 4 * pitch], across = panels[i + 4 * pitch + 8];
        return new() { X = first, Y = isLeft ? beside : below, Z = isLeft ? below : beside, W = across };
    }

    public static Quad<float> Multiply(Quad<float> c, Words4 a, Words2 b) => TensorCore.MultiplyTensorFloat32(c, a, b);
}
