namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Has a kernel of floats take no more registers than let so many groups share a multiprocessor. Every version of the
/// driver's assembler decides anew, and one register over the limit can halve what runs at once. Kernels of doubles take what
/// they need. It stands at a kernel, or at a type that a kernel is closed over: its shape.</summary>
/// <param name="lanes">Lanes per group, the most and the least.</param>
/// <param name="groups">Groups at once on a multiprocessor.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
internal sealed class LaunchBoundsAttribute(int lanes, int groups) : Attribute
{
    /// <summary>Lanes per group.</summary>
    public int Lanes => lanes;

    /// <summary>Groups at once on a multiprocessor.</summary>
    public int Groups => groups;
}
