using System.Diagnostics.CodeAnalysis;

namespace AutogradCore.Kernels;

/// <summary>A machine that runs kernels: a GPU or the CPU through ILGPU, opened by <see cref="KernelDevices"/>, or the emulator
/// of the assembly <c>AutogradCore.Kernels.Simt</c>.</summary>
/// <remarks>Launches are queued in order on <see cref="Stream"/>, whoever makes them, and may return before they finish; copies
/// to the host and <see cref="Synchronize"/> wait.</remarks>
public abstract class KernelDevice : IDisposable
{
    /// <summary>How it is named at the command line: <c>simt</c>, <c>cuda:0</c>.</summary>
    public abstract string Name { get; }

    /// <summary>What it is: the model, its memory, its warps.</summary>
    public abstract string Description { get; }

    /// <summary>Lanes per warp.</summary>
    public abstract int WarpSize { get; }

    /// <summary>The most lanes in a group.</summary>
    public abstract int MaxGroupSize { get; }

    /// <summary>The most bytes of fixed shared memory in a group.</summary>
    public abstract int MaxSharedBytes { get; }

    /// <summary>The most bytes of shared memory in a group, fixed and dynamic together.
    /// On CUDA more than <see cref="MaxSharedBytes"/>.</summary>
    public virtual int OptInSharedBytes => MaxSharedBytes;

    /// <summary>Whether warps can multiply matrices: the instructions <c>mma.sync</c> of compute capability 8.0 and
    /// above.</summary>
    public virtual bool HasTensorCores => false;

    /// <summary>Groups that run at once, for the shapes of launches.</summary>
    public abstract int Multiprocessors { get; }

    /// <summary>Lanes per group of kernels whose lanes do not meet.</summary>
    public abstract int MapGroup { get; }

    /// <summary>The most lanes per group of kernels that reduce over a group; a multiple of the warp.</summary>
    public abstract int ReduceGroup { get; }

    /// <summary>The stream of all kernels and copies: one for the device, whatever the number of backends on it.</summary>
    public abstract DeviceStream Stream { get; }

    /// <summary>The handle of <see cref="Stream"/>, a <c>CUstream</c>; 0 where there is none.</summary>
    public nint StreamHandle => Stream.Handle;

    /// <summary>A stream beside <see cref="Stream"/>, for work of other libraries: communication runs on it while kernels
    /// compute. The device's one queue where it has no other. Dispose it before the device.</summary>
    /// <exception cref="DeviceException">The driver refuses.</exception>
    public abstract DeviceStream CreateStream();

    /// <summary>An event, not recorded yet. Dispose it before the device.</summary>
    /// <exception cref="DeviceException">The driver refuses.</exception>
    public abstract DeviceEvent CreateEvent();

    /// <summary>Whether libraries beside the device's driver, such as NCCL, work in its context: whether that is the primary
    /// one.</summary>
    public virtual bool SharesContext([NotNullWhen(false)] out string? reason)
    {
        reason = $"{Name} is no CUDA device";
        return false;
    }

    /// <summary>Makes the device's context the calling thread's again, after calls of libraries that may have changed that, such
    /// as NCCL.</summary>
    public virtual void MakeCurrent()
    {
    }

    /// <summary>Waits until everything queued on <see cref="Stream"/> is done; not for what other libraries do beside
    /// it.</summary>
    /// <exception cref="KernelException">A kernel failed.</exception>
    public abstract void Synchronize();

    /// <summary>A backend on this device. Backends on one device share its memory and its stream: each may read what another
    /// wrote, as pipeline stages do. The device goes back with the last of them.</summary>
    /// <param name="options">Choices that change numbers; null for the defaults.</param>
    public abstract IDeviceBackend CreateBackend(IlgpuOptions? options = null);

    /// <summary>Gives the device back.</summary>
    public abstract void Dispose();
}
