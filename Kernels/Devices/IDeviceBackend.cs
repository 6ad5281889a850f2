namespace AutogradCore.Kernels;

/// <summary>A backend whose verbs are kernels of a device.</summary>
public interface IDeviceBackend : IBackend
{
    /// <summary>The device that runs the kernels.</summary>
    KernelDevice Device { get; }
}
