using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AutogradCore.Kernels.Host;

/// <summary>y = mask ? a : b over elements; each operand neighbours or one repeated number, an absent one 0.
/// Scalar: <see cref="ReferenceBackend.Where"/>.</summary>
internal readonly unsafe struct WhereRange<T>(
    byte* mask, bool repeatMask, T* a, bool repeatA, T* b, bool repeatB, T* y, bool add) : IRange
    where T : unmanaged
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int begin, int end)
    {
        byte* choice = mask;
        T* pa = a, pb = b, to = y;
        bool everyMask = repeatMask, everyA = repeatA || a == null, everyB = repeatB || b == null, adds = add;
        if (begin >= end)
            return;
        Vector512<T> firstA = pa == null ? Vector512<T>.Zero : Vector512.Create(*pa),
            firstB = pb == null ? Vector512<T>.Zero : Vector512.Create(*pb);
        Vector512<T> all = *choice != 0 ? Vector512<T>.AllBitsSet : Vector512<T>.Zero;
        int i = begin;
        for (; i <= end - Vector512<T>.Count; i += Vector512<T>.Count)
        {
            Vector512<T> left = everyA ? firstA : Vector512.Load(pa + i), right = everyB ? firstB : Vector512.Load(pb + i);
            Lanes.Put(Vector512.ConditionalSelect(everyMask ? all : Chosen(choice + i), left, right), to + i, adds);
        }

        if (i < end)
        {
            int count = end - i;
            Vector512<T> left = everyA ? firstA : VectorTail.Load(pa + i, count),
                right = everyB ? firstB : VectorTail.Load(pb + i, count);
            Vector512<T> chosen = everyMask ? all : ChosenTail(choice + i, count);
            Lanes.PutTail(Vector512.ConditionalSelect(chosen, left, right), to + i, count, adds);
        }
    }

    /// <summary>All bits of a lane where its byte is not zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Chosen(byte* mask)
    {
        if (typeof(T) == typeof(float))
        {
            Vector128<byte> bytes = Vector128.Load(mask);
            Vector512<int> wide = Avx512F.IsSupported ? Avx512F.ConvertToVector512Int32(bytes) : Widen(bytes);
            return (~Vector512.Equals(wide, Vector512<int>.Zero)).As<int, T>();
        }

        Vector128<byte> eight = Vector128.CreateScalar(*(ulong*)mask).AsByte();
        Vector512<long> longs = Avx512F.IsSupported ? Avx512F.ConvertToVector512Int64(eight) : Vector512.WidenLower(Widen(eight));
        return (~Vector512.Equals(longs, Vector512<long>.Zero)).As<long, T>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Widen(Vector128<byte> bytes)
    {
        (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(bytes);
        (Vector256<uint> lower, Vector256<uint> upper) = Vector256.Widen(Vector256.Create(low, high));
        return Vector512.Create(lower, upper).AsInt32();
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector512<T> ChosenTail(byte* mask, int count)
    {
        byte* bytes = stackalloc byte[Vector128<byte>.Count];
        for (int i = 0; i < Vector128<byte>.Count; i++)
            bytes[i] = i < count ? mask[i] : (byte)0;
        return Chosen(bytes);
    }
}

/// <summary>y = mask ? a : b row by row, for operands whose rows lie anywhere but have neighbours or one number in
/// them.</summary>
internal readonly unsafe struct WhereRows<T>(View mask, View a, View b, View y, bool add) : IRange
    where T : unmanaged
{
    private readonly View _mask = mask, _a = a, _b = b, _y = y;

    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        bool repeatMask = StridedRows.Step(_mask) == 0;
        bool repeatA = _a.Exists && StridedRows.Step(_a) == 0, repeatB = _b.Exists && StridedRows.Step(_b) == 0;
        for (int row = begin; row < end; row++)
        {
            T* left = _a.Exists ? StridedRows.At<T>(_a, row) : null, right = _b.Exists ? StridedRows.At<T>(_b, row) : null;
            byte* choice = StridedRows.At<byte>(_mask, row);
            T* to = StridedRows.At<T>(_y, row);
            new WhereRange<T>(choice, repeatMask, left, repeatA, right, repeatB, to, add).Run(0, _y.Shape.Last);
        }
    }
}
