namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Has a kernel of floats take no more registers than let so many groups share a multiprocessor. Every version of the
/// driver's assembler decides anew, and one register over the limit can halve what runs at once. Kernels of doubles take what
/// they need.</summary>
/// <param name="lanes">Lanes per group, the most and the least.</param>
/// <param name="groups">Groups at once on a multiprocessor.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class LaunchBoundsAttribute(int lanes, int groups) : Attribute
{
    /// <summary>Lanes per group.</summary>
    public int Lanes => lanes;

    /// <summary>Groups at once on a multiprocessor.</summary>
    public int Groups => groups;
}
