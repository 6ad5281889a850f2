namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Four neighbours in memory: one access of 16 bytes for floats, of 8 for bf16, two of 16 for doubles.</summary>
internal struct Four<T> where T : unmanaged
{
    public T X, Y, Z, W;
}
