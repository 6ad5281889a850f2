namespace AutogradCore.Kernels;

/// <summary>The devices that kernels of this build run on.</summary>
public static class KernelDevices
{
    private static readonly string[] NeedIlgpu = ["cuda", "opencl", "cpu"];

    /// <summary>What the kernels were compiled against.</summary>
    public static string Surface => "simt";

    /// <summary>The names that <see cref="Open"/> takes here.</summary>
    public static IReadOnlyList<string> Available => ["simt"];

    /// <summary>Opens a device by name.</summary>
    /// <exception cref="DeviceException">There is no such device here.</exception>
    public static KernelDevice Open(string name) =>
        name == "simt" ? new SimtDevice()
        : NeedIlgpu.Contains(name.Split(':')[0])
            ? throw new DeviceException($"There is no device '{name}': this build runs its kernels on the emulator alone "
                + $"({KernelBuild.Reason}).", "build with ILGPU: ./build.sh build with ILGPU=true; or use the device simt")
        : throw new DeviceException($"There is no device '{name}'.", "the devices here are: simt");
}
