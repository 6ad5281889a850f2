using AutogradCore.Kernels;

namespace AutogradCore.Benchmarks;

/// <summary>A way to keep and multiply numbers that ours and the peer's figures have in common.</summary>
/// <param name="Name">How measures and the peer's script call it.</param>
/// <param name="Storage">What tensors hold.</param>
/// <param name="Matmul">What factors of products of floats are rounded to.</param>
internal sealed record GpuPrecision(string Name, DType Storage, MatmulPrecision Matmul)
{
    /// <summary>Floats, of which nothing is rounded.</summary>
    public static GpuPrecision Float32 { get; } = new("fp32", DType.Float32, MatmulPrecision.Float32);

    /// <summary>Floats that products round to TF32.</summary>
    public static GpuPrecision TensorFloat32 { get; } = new("tf32", DType.Float32, MatmulPrecision.TensorFloat32);

    /// <summary>bf16 in memory.</summary>
    public static GpuPrecision BFloat16 { get; } = new("bf16", DType.BFloat16, MatmulPrecision.Float32);

    /// <summary>All of them, for products and what is made of them.</summary>
    public static IReadOnlyList<GpuPrecision> All { get; } = [Float32, TensorFloat32, BFloat16];

    /// <summary>Those that store differently, for what only moves memory.</summary>
    public static IReadOnlyList<GpuPrecision> Stored { get; } = [Float32, BFloat16];

    /// <summary>A backend on a device that works so.</summary>
    public IDeviceBackend Open(KernelDevice device) => device.CreateBackend(new IlgpuOptions(Matmul));
}
