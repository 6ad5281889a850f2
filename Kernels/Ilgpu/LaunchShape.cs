namespace AutogradCore.Kernels.Ilgpu;

/// <summary>How many lanes run a kernel: a grid of groups, and dynamic shared memory for each.</summary>
/// <param name="GridX">Groups along x.</param>
/// <param name="Group">Lanes per group.</param>
/// <param name="GridY">Groups along y.</param>
/// <param name="GridZ">Groups along z.</param>
/// <param name="SharedBytes">Bytes of dynamic shared memory per group.</param>
internal readonly record struct LaunchShape(int GridX, int Group, int GridY = 1, int GridZ = 1, int SharedBytes = 0)
{
    /// <summary>Groups in all.</summary>
    public int Groups => checked(GridX * GridY * GridZ);

    /// <summary>As written in messages: <c>4x2x1 groups of 256</c>.</summary>
    public override string ToString() =>
        $"{GridX}x{GridY}x{GridZ} groups of {Group}{(SharedBytes > 0 ? $" with {SharedBytes} shared bytes" : "")}";

    /// <summary>The error for a launch that wants more shared memory than there is.</summary>
    /// <param name="kernel">The kernel's name.</param>
    /// <param name="fixedBytes">Bytes of shared memory that the kernel has in every launch.</param>
    /// <param name="limit">Bytes that a group can have at most.</param>
    public KernelException Refused(string kernel, int fixedBytes, int limit) => new(
        $"Kernel {kernel} cannot be launched as {this}: a group would have {fixedBytes + SharedBytes} bytes of shared "
        + $"memory{(fixedBytes > 0 ? $", {fixedBytes} of them fixed" : "")}, and the device has {limit} for it.",
        "use smaller tiles");
}
