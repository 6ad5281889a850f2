using System.Runtime.CompilerServices;
using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels.Simt;

/// <summary>Matrix instructions of a warp of 32, emulated: lanes exchange their fragments and compute what PTX says each of them
/// holds. With g = lane / 4 and t = lane % 4, words of a fragment of A are rows g, g + 8, g, g + 8 at words t, t, t + 4, t + 4
/// of K; of B column g at words t, t + 4; of C row g, columns 2t, 2t + 1, then row g + 8.</summary>
internal static class TensorCore
{
    /// <summary>Rounds two floats to bf16, to nearest and ties to even; the first is the low half.</summary>
    public static uint ToBFloat16(float low, float high) => Half(low) | (Half(high) << 16);

    /// <summary>Rounds a float to TF32: to nearest, ties away from zero.</summary>
    public static uint ToTensorFloat32(float x)
    {
        if (float.IsNaN(x)) return 0x7fff_ffff;
        uint bits = BitConverter.SingleToUInt32Bits(x);
        return float.IsInfinity(x) ? bits : (bits + 0x1000) & 0xffff_e000;
    }

    /// <summary>Four blocks of 8 rows by 4 words; lanes 8i..8i+7 name where the rows of block i start. Word i of the result is
    /// row g, word t of block i.</summary>
    public static Words4 Load(
        ArrayView<uint> shared, int at, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        int slot = ShowRow(shared, at, new(file, line)), g = Lane / 4, t = Lane % 4;
        return new()
        {
            X = Word(Row(slot, g), t),
            Y = Word(Row(slot, 8 + g), t),
            Z = Word(Row(slot, 16 + g), t),
            W = Word(Row(slot, 24 + g), t),
        };
    }

    /// <summary>As <see cref="Load"/>, each block of 8x8 half words transposed: rows 2t and 2t + 1 at half word g.</summary>
    public static Words4 LoadTransposed(
        ArrayView<uint> shared, int at, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        int slot = ShowRow(shared, at, new(file, line));
        return new() { X = Column(slot, 0), Y = Column(slot, 8), Z = Column(slot, 16), W = Column(slot, 24) };
    }

    /// <summary>c + a·b with a:[16,16], b:[16,8] in bf16.</summary>
    public static Quad<float> MultiplyBFloat16(
        Quad<float> c, Words4 a, Words2 b, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Multiply(c, new() { A = a, B = b }, new(file, line), perWord: 2);

    /// <summary>c + a·b with a:[16,8], b:[8,8] in TF32; what floats have beyond that is cut off, not rounded.</summary>
    public static Quad<float> MultiplyTensorFloat32(
        Quad<float> c, Words4 a, Words2 b, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Multiply(c, new() { A = a, B = b }, new(file, line), perWord: 1);

    private static int Lane => Warp.WarpSize == 32 ? Warp.LaneIdx
        : throw new NotSupportedException($"Matrix instructions need warps of 32 lanes; these have {Warp.WarpSize}.");

    private static Quad<float> Multiply(Quad<float> c, Fragments own, in Site site, int perWord)
    {
        int g = Lane / 4, t = Lane % 4;
        Simt.Lane lane = Simt.Lane.Current;
        int slot = lane.Show(own, site);
        Span<Words4> rows = stackalloc Words4[4];
        Span<Words2> even = stackalloc Words2[4], odd = stackalloc Words2[4];
        for (int i = 0; i < 4; i++)
        {
            rows[i] = lane.Shown<Fragments>(slot, 4 * g + i).A;
            even[i] = lane.Shown<Fragments>(slot, 8 * t + i).B;
            odd[i] = lane.Shown<Fragments>(slot, 8 * t + 4 + i).B;
        }
        return new()
        {
            X = Dot(c.X, rows, false, even, perWord),
            Y = Dot(c.Y, rows, false, odd, perWord),
            Z = Dot(c.Z, rows, true, even, perWord),
            W = Dot(c.W, rows, true, odd, perWord),
        };
    }

    /// <summary>c + Σ over K of one row, the upper one of the fragments or the lower, and one column; the products are exact,
    /// their sum is rounded once.</summary>
    private static float Dot(float c, ReadOnlySpan<Words4> rows, bool isLower, ReadOnlySpan<Words2> column, int perWord)
    {
        double sum = c;
        for (int i = 0; i < 4; i++) sum = Add(sum, isLower ? rows[i].Y : rows[i].X, column[i].X, perWord);
        for (int i = 0; i < 4; i++) sum = Add(sum, isLower ? rows[i].W : rows[i].Z, column[i].Y, perWord);
        return (float)sum;
    }

    private static double Add(double sum, uint left, uint right, int perWord) => perWord == 1
        ? sum + (double)Single(left & 0xffff_e000) * Single(right & 0xffff_e000)
        : sum + ((double)Single(left << 16) * Single(right << 16)
            + (double)Single(left >> 16 << 16) * Single(right >> 16 << 16));

    private static int ShowRow(ArrayView<uint> shared, int at, in Site site)
    {
        if (at % 4 != 0)
            throw Simt.Lane.Current.Fault(SimtFault.Misaligned, site, $"a row of a matrix starts at word {at}.",
                "rows of matrix loads start at multiples of 16 bytes");
        return Simt.Lane.Current.Show(shared.Cast<Words4>()[at / 4, site.File, site.Line], site);
    }

    private static Words4 Row(int slot, int lane) => Simt.Lane.Current.Shown<Words4>(slot, lane);

    private static uint Column(int slot, int block)
    {
        int g = Lane / 4, t = Lane % 4, shift = 16 * (g % 2);
        uint low = Word(Row(slot, block + 2 * t), g / 2), high = Word(Row(slot, block + 2 * t + 1), g / 2);
        return ((low >> shift) & 0xffff) | ((high >> shift) << 16);
    }

    private static uint Word(Words4 words, int i) => i == 0 ? words.X : i == 1 ? words.Y : i == 2 ? words.Z : words.W;

    private static float Single(uint bits) => BitConverter.UInt32BitsToSingle(bits);

    private static uint Half(float x)
    {
        if (float.IsNaN(x)) return 0x7fff;
        uint bits = BitConverter.SingleToUInt32Bits(x);
        return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
    }

    private struct Fragments
    {
        public Words4 A;
        public Words2 B;
    }
}
