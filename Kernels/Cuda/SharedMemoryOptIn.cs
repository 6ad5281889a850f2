using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels.Cuda;

/// <summary>The shared memory of one kernel: what its launches may have, and asking the driver where that is more than it
/// gives unasked.</summary>
/// <param name="driver">The driver.</param>
/// <param name="function">The kernel's handle.</param>
/// <param name="kernel">The kernel's name.</param>
/// <param name="unasked">Bytes of shared memory in a group, fixed and dynamic, that need no asking.</param>
/// <param name="limit">Bytes that a group can have at most.</param>
internal sealed class SharedMemoryOptIn(CudaDriver driver, nint function, string kernel, int unasked, int limit)
{
    private readonly Lock _gate = new();
    private readonly int _fixed = driver.FixedSharedBytes(function);
    private int _allowed = -1;

    /// <summary>Makes a launch's dynamic shared memory possible; the driver hears of it once, and again only for more.</summary>
    /// <exception cref="KernelException">A group cannot have so much, or the driver refuses.</exception>
    public void Allow(in LaunchShape shape)
    {
        if (_fixed + shape.SharedBytes <= unasked || shape.SharedBytes <= Volatile.Read(ref _allowed)) return;
        if (_fixed + shape.SharedBytes > limit) throw shape.Refused(kernel, _fixed, limit);
        lock (_gate)
        {
            if (shape.SharedBytes <= _allowed) return;
            try
            {
                driver.AllowDynamicShared(function, shape.SharedBytes);
            }
            catch (DeviceException error)
            {
                throw new KernelException($"Kernel {kernel} cannot be launched as {shape}: {error.Message}", null, error);
            }
            Volatile.Write(ref _allowed, shape.SharedBytes);
        }
    }
}
