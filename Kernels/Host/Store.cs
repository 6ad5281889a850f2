namespace AutogradCore.Kernels.Host;

/// <summary>What a kernel does with its destination.</summary>
internal enum Store
{
    /// <summary>Overwrites; the old contents are never read.</summary>
    Write,

    /// <summary>Adds to the old contents.</summary>
    Add,
}
