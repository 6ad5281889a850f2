namespace AutogradCore.Kernels;

/// <summary>Choices of the GPU backend that change numbers; made when it is opened, never by itself.</summary>
/// <param name="MatmulPrecision">How precisely products of matrices of floats are computed.</param>
public sealed record IlgpuOptions(MatmulPrecision MatmulPrecision = MatmulPrecision.Float32);

/// <summary>What the factors of a matrix product of floats are rounded to; the sums are always floats. Doubles are not
/// touched.</summary>
public enum MatmulPrecision
{
    /// <summary>Nothing is rounded: 24 bits.</summary>
    Float32,

    /// <summary>Factors keep 11 significant bits and the range of floats; tensor cores where the device has them.</summary>
    TensorFloat32,

    /// <summary>Factors keep 8 significant bits and the range of floats; tensor cores where the device has them.</summary>
    BFloat16,
}
