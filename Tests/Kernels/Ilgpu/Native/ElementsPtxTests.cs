using System.Text.RegularExpressions;
using AutogradCore.Kernels.Ilgpu;
using ILGPU.Runtime.Cuda;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Ilgpu.Native;

/// <summary>What kernels that only move memory become: four neighbours an access, in floats 16 bytes.</summary>
public sealed class ElementsPtxTests
{
    private static readonly object[] Kernels =
    [
        new object[] { typeof(MapKernel<Relu.Function, float, float, AsIs<float>>), 3, 3 },
        new object[] { typeof(MapKernel<Relu.Function, float, ushort, AsBFloat16>), 3, 3 },
        new object[] { typeof(ZipKernel<Add.Function, float, float, AsIs<float>>), 6, 3 },
        new object[] { typeof(ZipKernel<Add.Function, float, ushort, AsBFloat16>), 6, 3 },
        new object[] { typeof(AffineKernel<float, ushort, AsBFloat16>), 3, 3 },
        new object[] { typeof(CopyKernel<float, float, AsIs<float>, float, AsIs<float>>), 3, 3 },
        new object[] { typeof(CopyKernel<float, float, AsIs<float>, ushort, AsBFloat16>), 3, 3 },
        new object[] { typeof(CopyKernel<float, ushort, AsBFloat16, ushort, AsBFloat16>), 3, 3 },
        new object[] { typeof(DropoutKernel<float, ushort, AsBFloat16>), 1, 1 },
        new object[] { typeof(SoftmaxKernel<float, float, AsIs<float>>), 6, 5 },
        new object[] { typeof(NormKernel<float, float, AsIs<float>>), 17, 5 },
        new object[] { typeof(NormInputGradientKernel<float, ushort, AsBFloat16>), 18, 5 },
        new object[] { typeof(CrossEntropyGradientKernel<float, ushort, AsBFloat16>), 3, 3 },
    ];

    /// <summary>Adding to what is there takes a load for each store besides.</summary>
    [TestCaseSource(nameof(Kernels))]
    public void Dense_operands_move_four_elements_at_a_time(Type kernel, int loads, int stores)
    {
        string ptx = PtxTests.Compile(kernel.GetMethod("Run")!, CudaArchitecture.SM_90);
        Assert.That(ptx, Does.Not.Contain(".local"));
        Assert.That(Regex.Count(ptx, @"ld\.global\.v4"), Is.EqualTo(loads + stores));
        Assert.That(Regex.Count(ptx, @"st\.global\.v4"), Is.EqualTo(stores));
    }
}
