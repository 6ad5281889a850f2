using ILGPU.Backends.PTX;
using ILGPU.IR.Intrinsics;
using IrValue = ILGPU.IR.Value;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Copies from global to shared memory that a lane starts and waits for later (compute capability 8.0 and above), each
/// a single instruction; what may be touched meanwhile is written down where they are emulated. Only for devices that have
/// tensor cores: the bodies here never run.</summary>
/// <remarks>Calls of such functions keep their order among themselves and to barriers, loads and stores, and none is dropped for
/// having no result: PTX has them where the C# has them.</remarks>
internal static class AsyncCopy
{
    /// <summary>Starts a copy of 16 bytes, past the first-level cache.</summary>
    /// <param name="to">The shared memory.</param>
    /// <param name="at">Which 16 bytes of it.</param>
    /// <param name="from">The global memory.</param>
    /// <param name="index">Which 16 bytes of it.</param>
    /// <param name="bytes">How many of them there are, 0 to 16; zeros follow.</param>
    public static void Sixteen<T>(ArrayView<Words4> to, int at, ArrayView<T> from, int index, int bytes) where T : unmanaged =>
        CopySixteen(ref to[new Index1D(at)], ref from.Cast<Words4>()[new Index1D(index)], bytes);

    /// <summary>Starts a copy of 4 bytes, or of <paramref name="bytes"/> and zeros.</summary>
    public static void Four<T>(ArrayView<uint> to, int at, ArrayView<T> from, int index, int bytes) where T : unmanaged =>
        CopyFour(ref to[new Index1D(at)], ref from.Cast<uint>()[new Index1D(index)], bytes);

    /// <summary>Makes a group of the copies that this lane started since the last one; there may be none.</summary>
    [IntrinsicImplementation]
    public static void Commit() => throw new NotSupportedException();

    /// <summary>Waits until all groups of this lane are there.</summary>
    [IntrinsicImplementation]
    public static void WaitForAll() => throw new NotSupportedException();

    /// <summary>Waits until all groups of this lane but the last one are there.</summary>
    [IntrinsicImplementation]
    public static void WaitForAllButOne() => throw new NotSupportedException();

    /// <summary>Waits until all groups of this lane but the last two are there.</summary>
    [IntrinsicImplementation]
    public static void WaitForAllButTwo() => throw new NotSupportedException();

    [IntrinsicImplementation]
    private static void CopySixteen(ref Words4 to, ref Words4 from, int bytes) => throw new NotSupportedException();

    [IntrinsicImplementation]
    private static void CopyFour(ref uint to, ref uint from, int bytes) => throw new NotSupportedException();

    private static void WriteCopySixteen(PTXBackend backend, PTXCodeGenerator code, IrValue value) =>
        WriteCopy(code, value, "cg", 16);

    private static void WriteCopyFour(PTXBackend backend, PTXCodeGenerator code, IrValue value) =>
        WriteCopy(code, value, "ca", 4);

    private static void WriteCommit(PTXBackend backend, PTXCodeGenerator code, IrValue value) =>
        code.Builder.AppendLine("\tcp.async.commit_group;");

    private static void WriteWaitForAll(PTXBackend backend, PTXCodeGenerator code, IrValue value) => WriteWait(code, 0);

    private static void WriteWaitForAllButOne(PTXBackend backend, PTXCodeGenerator code, IrValue value) => WriteWait(code, 1);

    private static void WriteWaitForAllButTwo(PTXBackend backend, PTXCodeGenerator code, IrValue value) => WriteWait(code, 2);

    private static void WriteWait(PTXCodeGenerator code, int rest) =>
        code.Builder.AppendLine($"\tcp.async.wait_group {rest};");

    private static void WriteCopy(PTXCodeGenerator code, IrValue value, string cache, int size)
    {
        string to = PtxText.Operand(code, value[0]), from = PtxText.Operand(code, value[1]);
        string bytes = PtxText.Operand(code, value[2]);
        code.Builder.AppendLine($"\tcp.async.{cache}.shared.global [{to}], [{from}], {size}, {bytes};");
    }
}
