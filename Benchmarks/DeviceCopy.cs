using AutogradCore.Kernels;
using static AutogradCore.Destination;

namespace AutogradCore.Benchmarks;

/// <summary>The bandwidth of a device's memory: bytes read and written per second by its copy of a large tensor of
/// floats.</summary>
internal sealed class DeviceCopy : IDisposable
{
    private const double Brief = 0.04;

    private readonly IDeviceBackend _backend;
    private readonly DeviceTensors _tensors;
    private readonly View _from, _to;

    /// <summary>Takes the memory: 256 MiB twice, or next to nothing.</summary>
    public DeviceCopy(KernelDevice device, bool small)
    {
        Count = small ? 4096 : 64 << 20;
        _backend = GpuPrecision.Float32.Open(device);
        _tensors = new DeviceTensors(_backend);
        _from = _tensors.Normal([Count], DType.Float32, "copied");
        _to = _tensors.Empty([Count], DType.Float32);
    }

    /// <summary>Floats that are copied.</summary>
    public int Count { get; }

    /// <summary>GB read and written by one copy.</summary>
    public double Work => 8.0 * Count / 1e9;

    /// <summary>Queues a copy.</summary>
    public void Run() => _backend.Copy(_from, Into(_to));

    /// <summary>Waits for what was queued.</summary>
    public void Finish() => _backend.Synchronize();

    /// <summary>The bandwidth at this moment, in GB/s.</summary>
    public double Now() => Work / Clock.Median(Run, Brief, Finish);

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        _tensors.Dispose();
        _backend.Dispose();
    }
}
