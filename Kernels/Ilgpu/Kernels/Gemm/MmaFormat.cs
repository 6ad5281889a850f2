namespace AutogradCore.Kernels.Ilgpu;

/// <summary>What factors are rounded to on their way into shared memory, and how tensor cores read them there. A staged panel
/// is 128 rows of A (or columns of B) by 16 words of K.</summary>
internal interface IMmaFormat
{
    /// <summary>Steps of K per word: two bf16, or one TF32.</summary>
    static abstract int PerWord { get; }

    /// <summary>Rounds four neighbours and puts them at word <paramref name="at"/>.</summary>
    static abstract void Store(ArrayView<Words4> panels, int at, Quad<float> four);

    /// <summary>Where this lane reads its part of a fragment of a panel stored as [depth][outer].</summary>
    /// <param name="outer">First row of A or column of B, of sixteen.</param>
    /// <param name="isLeft">Whether it is A's fragment, or two fragments of B side by side.</param>
    static abstract int TransposedSource(int outer, bool isLeft);

    /// <summary>The fragment whose part for this lane is at word <paramref name="at"/>.</summary>
    static abstract Words4 LoadTransposed(ArrayView<uint> panels, int at, bool isLeft);

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

    /// <summary>Rows of the panel are K, with two elements a word; lanes name rows.</summary>
    public static int TransposedSource(int outer, bool isLeft)
    {
        int lane = Group.IdxX & 31, low = (lane >> 3) & 1, high = lane >> 4;
        return (8 * (isLeft ? high : low) + (lane & 7)) * ((MmaGemm.Block + 8) / 2) + (outer >> 1) + 4 * (isLeft ? low : high);
    }

    /// <summary><c>ldmatrix.trans</c> turns blocks of 8x8 on the way.</summary>
    public static Words4 LoadTransposed(ArrayView<uint> panels, int at, bool isLeft) => TensorCore.LoadTransposed(panels, at);

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

    /// <summary>Rows of the panel are K; lanes name elements.</summary>
    public static int TransposedSource(int outer, bool isLeft) =>
        (Group.IdxX & 3) * (MmaGemm.Block + 8) + outer + ((Group.IdxX & 31) >> 2);

    /// <summary>Matrix loads cannot turn words, so single loads do; rows are 136 words apart, which keeps their banks
    /// apart.</summary>
    public static Words4 LoadTransposed(ArrayView<uint> panels, int at, bool isLeft)
    {
        const int below = 4 * (MmaGemm.Block + 8), beside = 8;
        return new()
        {
            X = panels[at],
            Y = panels[at + (isLeft ? beside : below)],
            Z = panels[at + (isLeft ? below : beside)],
            W = panels[at + below + beside],
        };
    }

    public static Quad<float> Multiply(Quad<float> c, Words4 a, Words2 b) => TensorCore.MultiplyTensorFloat32(c, a, b);
}
