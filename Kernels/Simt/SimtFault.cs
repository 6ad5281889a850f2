namespace AutogradCore.Kernels.Simt;

/// <summary>What a GPU would have done silently.</summary>
public enum SimtFault
{
    /// <summary>An index outside its view.</summary>
    OutOfRange,

    /// <summary>Shared or local memory was read before any lane wrote it.</summary>
    Uninitialized,

    /// <summary>Two lanes touched one element between barriers, at least one of them writing.</summary>
    Race,

    /// <summary>Not all lanes of a group, or of a warp, came to the same barrier or shuffle.</summary>
    Divergence,

    /// <summary>An access wider than its address is aligned to, or a view cast so that there would be one.</summary>
    Misaligned,

    /// <summary>What a copy writes was touched, or what it reads was written, before the copy was waited for.</summary>
    UnderWay,
}
