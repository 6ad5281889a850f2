namespace AutogradCore.Kernels;

/// <summary>How many lanes run a kernel: a grid of groups, and dynamic shared memory for each.</summary>
/// <param name="GridX">Groups along x.</param>
/// <param name="Group">Lanes per group.</param>
/// <param name="GridY">Groups along y.</param>
/// <param name="GridZ">Groups along z.</param>
/// <param name="SharedBytes">Bytes of dynamic shared memory per group.</param>
public readonly record struct LaunchShape(int GridX, int Group, int GridY = 1, int GridZ = 1, int SharedBytes = 0)
{
    /// <summary>Groups in all.</summary>
    public int Groups => checked(GridX * GridY * GridZ);

    /// <summary>As written in messages: <c>4x2x1 groups of 256</c>.</summary>
    public override string ToString() =>
        $"{GridX}x{GridY}x{GridZ} groups of {Group}{(SharedBytes > 0 ? $" with {SharedBytes} shared bytes" : "")}";
}
