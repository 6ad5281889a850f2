namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Four words of 32 bits: one 16-byte access, or a fragment of a matrix in registers.</summary>
internal struct Words4
{
    public uint X, Y, Z, W;
}

/// <summary>Two words of 32 bits.</summary>
internal struct Words2
{
    public uint X, Y;
}
