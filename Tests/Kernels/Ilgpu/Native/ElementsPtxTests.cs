using System.Text.RegularExpressions;
using AutogradCore.Kernels.Ilgpu;
using ILGPU.Runtime.Cuda;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Ilgpu.Native;

/// <summary>What kernels that only move memory become: four neighbours an access, in floats 16 bytes.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class ElementsPtxTests
{
    private static readonly object[] Kernels =
    [
        new object[] { typeof(MapKernel<Relu.Function, float, float, AsIs<float>>), 6, 3 },
        new object[] { typeof(MapKernel<Relu.Function, float, ushort, AsBFloat16>), 6, 3 },
        new object[] { typeof(ZipKernel<Add.Function, float, float, AsIs<float>>), 9, 3 },
        new object[] { typeof(ZipKernel<Add.Function, float, ushort, AsBFloat16>), 9, 3 },
        new object[] { typeof(AffineKernel<ushort, BFloat16InDouble>), 6, 3 },
        new object[] { typeof(CopyKernel<float, float, AsIs<float>, float, AsIs<float>>), 6, 3 },
        new object[] { typeof(CopyKernel<float, float, AsIs<float>, ushort, AsBFloat16>), 6, 3 },
        new object[] { typeof(CopyKernel<float, ushort, AsBFloat16, ushort, AsBFloat16>), 6, 3 },
        new object[] { typeof(DropoutKernel<float, ushort, AsBFloat16>), 2, 1 },
        new object[] { typeof(SoftmaxKernel<float, float, AsIs<float>>), 11, 5 },
        new object[] { typeof(NormKernel<float, SingleInDouble, float, SingleInDouble>), 22, 5 },
        new object[] { typeof(NormInputGradientKernel<ushort, BFloat16InDouble, float, SingleInDouble>), 23, 5 },
        new object[] { typeof(CrossEntropyGradientKernel<float, ushort, AsBFloat16>), 6, 3 },
        new object[] { typeof(NormWeightGradientKernel<float, SingleInDouble>), 10, 0 },
        new object[] { typeof(NormWeightGradientKernel<ushort, BFloat16InDouble>), 10, 0 },
        new object[] { typeof(AdamKernel<float, SingleInDouble>), 12, 9 },
        new object[] { typeof(SgdKernel<float, SingleInDouble>), 9, 6 },
        new object[] { typeof(GatherKernel<float, float, AsIs<float>>), 6, 3 },
        new object[] { typeof(GatherKernel<float, ushort, AsBFloat16>), 6, 3 },
        new object[] { typeof(ScatterAddKernel<float, ushort, AsBFloat16, float, AsIs<float>>), 3, 1 },
        new object[] { typeof(RotaryKernel<float, float, AsIs<float>>), 6, 2 },
        new object[] { typeof(RotaryKernel<float, ushort, AsBFloat16>), 6, 2 },
        new object[] { typeof(SumLanesKernel<ushort, BFloat16InDouble, float, SingleInDouble>), 10, 1 },
        new object[] { typeof(SumGroupsKernel<float, SingleInDouble, float, SingleInDouble>), 4, 0 },
        new object[] { typeof(SquaredNormKernel<float, float, AsIs<float>>), 4, 0 },
        new object[] { typeof(SquaredNormKernel<float, ushort, AsBFloat16>), 4, 0 },
        new object[] { typeof(IsFiniteKernel<float, ushort, AsBFloat16>), 3, 0 },
    ];

    /// <summary>The loads of what is added to are among them.</summary>
    [TestCaseSource(nameof(Kernels))]
    public void Dense_operands_move_four_elements_at_a_time(Type kernel, int loads, int stores)
    {
        string ptx = KernelCompiler.Ptx(kernel.GetMethod("Run")!, CudaArchitecture.SM_90);
        Assert.That(ptx, Does.Not.Contain(".local"));
        Assert.That(Regex.Count(ptx, @"ld\.global\.v4"), Is.EqualTo(loads));
        Assert.That(Regex.Count(ptx, @"st\.global\.v4"), Is.EqualTo(stores));
    }
}
