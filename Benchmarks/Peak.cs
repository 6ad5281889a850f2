using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Benchmarks;

/// <summary>The machine's own limits: multiply-adds from registers, and copying through memory.</summary>
public static class Peak
{
    private const int Rounds = 2_000_000, Accumulators = 24, CopyBytes = 64 << 20;
    private const double Long = 0.5, Brief = 0.04;

    /// <summary>Single-precision multiply-add peak in GFLOP/s on a number of threads:
    /// 24 independent vector accumulators each.</summary>
    public static Measurement Fma(int threads) => new("fma", "float", threads, Fma(threads, Long), "GFLOP/s");

    /// <summary>That peak at this moment.</summary>
    internal static double FmaNow(int threads) => Fma(threads, Brief);

    /// <summary>Bytes read and written per second by copying 64 MiB on a number of threads.</summary>
    public static Measurement Copy(int threads) => new("copy", "64 MiB", threads, Copy(threads, Long), "GB/s");

    /// <summary>That bandwidth at this moment.</summary>
    internal static double CopyNow(int threads) => Copy(threads, Brief);

    private static double Fma(int threads, double budget)
    {
        double seconds = Clock.Best(() => OnThreads(threads, static () => _sink = FmaRounds()), budget);
        return 2.0 * Rounds * Accumulators * Vector512<float>.Count * threads / seconds / 1e9;
    }

    private static double Copy(int threads, double budget)
    {
        int part = CopyBytes / threads;
        (byte[] from, byte[] to) = Copied.Value;
        double seconds = Clock.Best(
            () => Parallel(threads, i => from.AsSpan(i * part, part).CopyTo(to.AsSpan(i * part, part))), budget);
        return 2.0 * CopyBytes / seconds / 1e9;
    }

    private static readonly Lazy<(byte[] From, byte[] To)> Copied = new(() =>
    {
        (byte[] from, byte[] to) = (GC.AllocateUninitializedArray<byte>(CopyBytes), new byte[CopyBytes]);
        Array.Fill(from, (byte)1);
        return (from, to);
    });

    private static float _sink;

    private static void OnThreads(int threads, System.Action work) => Parallel(threads, _ => work());

    private static void Parallel(int threads, Action<int> work)
    {
        Thread[] others = new Thread[threads - 1];
        for (int i = 0; i < others.Length; i++)
        {
            int part = i + 1;
            (others[i] = new Thread(() => work(part))).Start();
        }
        work(0);
        foreach (Thread thread in others) thread.Join();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float FmaRounds()
    {
        Vector512<float> a = Vector512.Create(0.999f), b = Vector512.Create(1e-3f);
        Vector512<float> c0 = a, c1 = a, c2 = a, c3 = a, c4 = a, c5 = a, c6 = a, c7 = a, c8 = a, c9 = a, c10 = a, c11 = a,
            c12 = a, c13 = a, c14 = a, c15 = a, c16 = a, c17 = a, c18 = a, c19 = a, c20 = a, c21 = a, c22 = a, c23 = a;
        for (int i = 0; i < Rounds; i++)
        {
            c0 = Vector512.FusedMultiplyAdd(c0, a, b); c1 = Vector512.FusedMultiplyAdd(c1, a, b);
            c2 = Vector512.FusedMultiplyAdd(c2, a, b); c3 = Vector512.FusedMultiplyAdd(c3, a, b);
            c4 = Vector512.FusedMultiplyAdd(c4, a, b); c5 = Vector512.FusedMultiplyAdd(c5, a, b);
            c6 = Vector512.FusedMultiplyAdd(c6, a, b); c7 = Vector512.FusedMultiplyAdd(c7, a, b);
            c8 = Vector512.FusedMultiplyAdd(c8, a, b); c9 = Vector512.FusedMultiplyAdd(c9, a, b);
            c10 = Vector512.FusedMultiplyAdd(c10, a, b); c11 = Vector512.FusedMultiplyAdd(c11, a, b);
            c12 = Vector512.FusedMultiplyAdd(c12, a, b); c13 = Vector512.FusedMultiplyAdd(c13, a, b);
            c14 = Vector512.FusedMultiplyAdd(c14, a, b); c15 = Vector512.FusedMultiplyAdd(c15, a, b);
            c16 = Vector512.FusedMultiplyAdd(c16, a, b); c17 = Vector512.FusedMultiplyAdd(c17, a, b);
            c18 = Vector512.FusedMultiplyAdd(c18, a, b); c19 = Vector512.FusedMultiplyAdd(c19, a, b);
            c20 = Vector512.FusedMultiplyAdd(c20, a, b); c21 = Vector512.FusedMultiplyAdd(c21, a, b);
            c22 = Vector512.FusedMultiplyAdd(c22, a, b); c23 = Vector512.FusedMultiplyAdd(c23, a, b);
        }
        return Vector512.Sum(c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 + c10 + c11
            + c12 + c13 + c14 + c15 + c16 + c17 + c18 + c19 + c20 + c21 + c22 + c23);
    }
}
