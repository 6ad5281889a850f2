using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

/// <summary>The kernels on a device of ILGPU's: a GPU by CUDA or OpenCL, or ILGPU's own run of kernels on the CPU.</summary>
public sealed class IlgpuBackend : KernelBackend
{
    /// <summary>A backend on a device of <see cref="KernelDevices"/>, which goes back with the last backend on it.</summary>
    /// <param name="device">The device.</param>
    /// <param name="options">Choices that change numbers; null for the defaults.</param>
    /// <exception cref="ArgumentException">The device is the emulator, whose backend is <c>SimtBackend</c>.</exception>
    public IlgpuBackend(KernelDevice device, IlgpuOptions? options = null) : base(LaunchDevice.Of(device), options)
    {
    }

    /// <summary>A backend on the device of that name: <c>cuda:0</c>, <c>opencl:0</c> or <c>cpu</c>.</summary>
    /// <exception cref="DeviceException">There is no such device here.</exception>
    public IlgpuBackend(string device, IlgpuOptions? options = null) : this(KernelDevices.Open(device), options)
    {
    }

    /// <inheritdoc/>
    public override string Name => "ilgpu";
}
