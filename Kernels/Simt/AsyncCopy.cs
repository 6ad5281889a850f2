using System.Runtime.CompilerServices;
using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels.Simt;

/// <summary>Copies from global to shared memory that a lane starts and waits for later. What they bring is there for the lane
/// itself once it has waited for their group, and for other lanes after the next barrier; until then nobody may read or write
/// where they write, nor write where they read.</summary>
/// <remarks>A device moves the bytes at any moment between start and wait. Here it is the last one, and the target holds NaN
/// meanwhile; whoever touches it is reported.</remarks>
internal static class AsyncCopy
{
    /// <summary>Starts a copy of 16 bytes.</summary>
    /// <param name="to">The shared memory.</param>
    /// <param name="at">Which 16 bytes of it.</param>
    /// <param name="from">The global memory.</param>
    /// <param name="index">Which 16 bytes of it.</param>
    /// <param name="bytes">How many of them there are, 0 to 16; zeros follow. Of none, the place does not matter.</param>
    /// <param name="file">Where it stands.</param>
    /// <param name="line">Where it stands.</param>
    public static void Sixteen<T>(ArrayView<Words4> to, int at, ArrayView<T> from, int index, int bytes,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) where T : unmanaged =>
        Start(to, at, from, index, 16, bytes, new(file, line));

    /// <summary>Starts a copy of 4 bytes, or of <paramref name="bytes"/> and zeros.</summary>
    public static void Four<T>(ArrayView<uint> to, int at, ArrayView<T> from, int index, int bytes,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) where T : unmanaged =>
        Start(to, at, from, index, 4, bytes, new(file, line));

    /// <summary>Makes a group of the copies that this lane started since the last one; there may be none.</summary>
    public static void Commit() => Lane.Current.Copies.Commit();

    /// <summary>Waits until all groups of this lane are there.</summary>
    public static void WaitForAll() => Lane.Current.Copies.Wait(0);

    /// <summary>Waits until all groups of this lane but the last one are there.</summary>
    public static void WaitForAllButOne() => Lane.Current.Copies.Wait(1);

    /// <summary>Waits until all groups of this lane but the last two are there.</summary>
    public static void WaitForAllButTwo() => Lane.Current.Copies.Wait(2);

    private static void Start<TTo, TFrom>(
        ArrayView<TTo> to, int at, ArrayView<TFrom> from, int index, int size, int bytes, in Site site)
        where TTo : unmanaged
        where TFrom : unmanaged
    {
        if ((uint)bytes > (uint)size)
            throw Lane.Current.Fault(SimtFault.OutOfRange, site, $"{bytes} bytes of a copy of {size}.", "copy 0 to all of them");
        Place source = bytes == 0 ? default : from.Bytes((long)index * size, bytes, size, site);
        Lane.Current.Copies.Start(new(source, to.Bytes((long)at * size, size, size, site), size, bytes, site));
    }
}
