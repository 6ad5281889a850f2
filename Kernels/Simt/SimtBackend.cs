using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels.Simt;

/// <summary>The kernels on the emulator: for tests, on tiny sizes. Out-of-range accesses, reads of unwritten memory, races and
/// divergent barriers are errors.</summary>
public sealed class SimtBackend : KernelBackend
{
    /// <summary>A backend on an emulated device of its own.</summary>
    /// <param name="machine">How the device is built; null for the defaults.</param>
    /// <param name="options">Choices that change numbers; null for the defaults.</param>
    public SimtBackend(SimtOptions? machine = null, IlgpuOptions? options = null) : this(OpenDevice(machine), options)
    {
    }

    /// <summary>A backend on an emulated device, which goes back with the last backend on it.</summary>
    /// <exception cref="ArgumentException">The device is not <see cref="OpenDevice"/>'s.</exception>
    public SimtBackend(KernelDevice device, IlgpuOptions? options = null) : base(LaunchDevice.Of(device), options)
    {
    }

    /// <summary>An emulated device, for several backends.</summary>
    public static KernelDevice OpenDevice(SimtOptions? machine = null) => new SimtDevice(machine);

    /// <inheritdoc/>
    public override string Name => "simt";
}
