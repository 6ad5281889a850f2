using System.Numerics;
using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

/// <summary>The backend for GPUs: every verb is a kernel in ILGPU's C#. Compiled twice: for ILGPU, where it is
/// <c>IlgpuBackend</c>, and for the emulator, where it is <c>SimtBackend</c>.</summary>
/// <remarks>
/// Verbs are queued in order. Sums have one fixed order per device and no float atomics are used, so every run gives the same
/// bits. An index outside its table is noticed at the next wait: <see cref="Synchronize"/>, a download, or a verb that returns
/// a number.
/// </remarks>
public abstract partial class KernelBackend : IDeviceBackend
{
    private readonly LaunchDevice _device;
    private readonly IndexChecks _checks;
    private readonly RotaryTables _rotary;
    private readonly WidenedVerbs _widened;
    private readonly VerbGate _gate = new();

    /// <summary>A backend on a device, which goes back when the last backend on it is disposed.</summary>
    private protected KernelBackend(LaunchDevice device, IlgpuOptions? options)
    {
        device.Retain();
        _device = device;
        _options = options ?? new();
        Memory = new DevicePool(device);
        _checks = new IndexChecks(device);
        _rotary = new RotaryTables(device);
        _widened = new WidenedVerbs(this);
    }

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public MemoryPool Memory { get; }

    /// <inheritdoc/>
    public KernelDevice Device => _device;

    /// <inheritdoc/>
    public void Synchronize()
    {
        using VerbGate.Pass pass = Enter();
        _device.Synchronize();
        _checks.Verify();
    }

    /// <summary>Waits only after verbs that look at indices.</summary>
    public void Verify()
    {
        using VerbGate.Pass pass = Enter();
        _checks.Verify();
    }

    /// <summary>Backends on one device are: they share its stream.</summary>
    public bool IsOrderedWith(IBackend other) => other is KernelBackend { _device: { } device } && device == _device;

    /// <summary>Waits for verbs under way on other threads, then frees the pool's waiting memory, and gives the device back when
    /// no other backend is on it. Later verbs throw <see cref="ObjectDisposedException"/>.</summary>
    /// <exception cref="InvalidOperationException">One of the backend's own verbs called it.</exception>
    public void Dispose()
    {
        if (!_gate.Close()) return;
        _checks.Dispose();
        _rotary.Dispose();
        Memory.Dispose();
        _device.Release();
        GC.SuppressFinalize(this);
    }

    private VerbGate.Pass Enter() => _gate.Enter(this);

    /// <summary>The elements of a view as kernels see them, from its first to its last; nothing for an absent view.</summary>
    /// <exception cref="DTypeException">It holds other numbers than the kernel reads.</exception>
    private ArrayView<T> In<T>(in View view) where T : unmanaged
    {
        if (!view.Exists || view.Shape.ElementCount == 0) return default;
        DType read = typeof(T) == typeof(ushort) ? DType.BFloat16 : DTypes.Of<T>();
        if (view.DType != read) throw new DTypeException($"A kernel for {read} was given {view}.", "Cast it first");
        return _device.View<T>(view.Buffer.Pointer, view.Offset, Extent(view));
    }

    private ArrayView<T> In<T>(in Destination y) where T : unmanaged => In<T>(y.View);

    /// <summary>The elements of a view, stored in a way of their own.</summary>
    private StoredView<T, TStored, TStorage> Stored<T, TStored, TStorage>(in View view)
        where T : unmanaged, INumber<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T> => new(In<TStored>(view));

    private StoredView<T, TStored, TStorage> Stored<T, TStored, TStorage>(in Destination y)
        where T : unmanaged, INumber<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T> => new(In<TStored>(y.View));

    /// <summary>Whether those that are there are <see cref="BFloat16"/>.</summary>
    private static bool AreRounded(params ReadOnlySpan<View> views) => Are(DType.BFloat16, views);

    /// <summary>Whether those that are there are floats.</summary>
    private static bool AreFloats(params ReadOnlySpan<View> views) => Are(DType.Float32, views);

    private static bool Are(DType dtype, ReadOnlySpan<View> views)
    {
        foreach (ref readonly View view in views)
            if (view.Exists && view.DType != dtype) return false;
        return true;
    }

    /// <summary>Has the device look at indices; kernels that take the slot write nothing where one is outside 0..bound-1, and the
    /// next wait throws.</summary>
    private ArrayView<long> Check(in View indices, int bound, int? ignored, Func<int, int, IndexRangeException> error)
    {
        ArrayView<long> slot = _checks.Next(error);
        int count = indices.Shape.ElementCount;
        if (count == 0) return slot;
        _device.Launch(IndexCheckKernel.Run, PerElement(count), new IndexCheckKernel.Arguments
        {
            Indices = In<int>(indices),
            Slot = slot,
            Count = count,
            Bound = bound,
            Ignored = ignored ?? 0,
            HasIgnored = ignored is null ? 0 : 1,
        });
        return slot;
    }

    /// <summary>Memory for this verb alone.</summary>
    private unsafe Temporary<T> Rent<T>(long count) where T : unmanaged
    {
        Buffer buffer = Memory.Rent(count * sizeof(T));
        return new(buffer, count == 0 ? default : _device.View<T>(buffer.Pointer, 0, count));
    }

    /// <summary>Elements from a view's first to its last, gaps included.</summary>
    private static long Extent(in View view)
    {
        long last = 0;
        for (int i = 0; i < view.Shape.Rank; i++) last += (long)(view.Shape[i] - 1) * view.Stride(i);
        return last + 1;
    }

    /// <summary>1 where the kernel is to add to what is there, 0 where it overwrites.</summary>
    private static int Adds(in Destination y) => y.Accumulates ? 1 : 0;

    /// <summary>One lane per element.</summary>
    private LaunchShape PerElement(long count) =>
        new(checked((int)((count + _device.MapGroup - 1) / _device.MapGroup)), _device.MapGroup);

    /// <summary>One lane per element, or per two fours.</summary>
    private LaunchShape PerElement(long count, int inFours) => PerElement(inFours != 0 ? (count + 7) / 8 : count);

    /// <summary>1 where kernels may take so many elements four at a time: walks are dense, views start at a four.</summary>
    private static int InFours(int count, bool areDense, bool areAligned) => count >= 4 && areDense && areAligned ? 1 : 0;

    /// <summary>1 where rows of so many elements are whole fours that start at a four, in each operand.</summary>
    private static int AreFours<TStored>(int length, params ReadOnlySpan<View> operands) where TStored : unmanaged
    {
        if (length % 4 != 0) return 0;
        foreach (ref readonly View operand in operands)
            if (!IsAligned<TStored>(operand)) return 0;
        return 1;
    }

    /// <summary>One group per row, with a lane for each of its fours where there are as many.</summary>
    private LaunchShape PerRowInFours(int rows, int length)
    {
        int lanes = _device.WarpSize;
        while (lanes < _device.ReduceGroup && lanes * 4 < length) lanes *= 2;
        return new(rows, lanes);
    }

    /// <summary>One group per row, with no more lanes than the row has use for.</summary>
    private LaunchShape PerRow(int rows, int length)
    {
        int lanes = _device.WarpSize;
        while (lanes < _device.ReduceGroup && lanes * 2 <= length) lanes *= 2;
        return new(rows, lanes);
    }
}
