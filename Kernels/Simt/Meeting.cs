namespace AutogradCore.Kernels.Simt;

/// <summary>What lanes wait for one another at.</summary>
internal enum Meeting
{
    /// <summary>All lanes of the group.</summary>
    Barrier,

    /// <summary>All lanes of the warp, each with a value.</summary>
    Shuffle,
}
