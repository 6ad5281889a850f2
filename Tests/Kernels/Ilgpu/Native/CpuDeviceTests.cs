using AutogradCore.Checking;
using AutogradCore.Kernels;
using AutogradCore.Kernels.Ilgpu;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Ilgpu.Native;

/// <summary>One run of each kernel on ILGPU's own CPU device: what ILGPU makes of the C# computes what the reference does. The
/// backends' whole matrix runs there among the exhaustive tests.</summary>
/// <remarks>Not beside other tests: that device's barriers take many times longer on busy cores.</remarks>
public sealed class CpuDeviceTests
{
    /// <summary>Their blocks have more threads than the CPU device's 32.</summary>
    private static readonly string[] NeedLargerBlocks =
    [
        "AttentionKeyGradientTiledKernel", "AttentionPairGradientTiledKernel", "AttentionQueryGradientTiledKernel",
        "AttentionTiledKernel", "AttentionValueGradientTiledKernel", "RegisterGemmKernel", "TiledGemmKernel",
    ];

    [Test]
    public void Each_kernel_runs_as_the_reference_does()
    {
        ObservedDevice device = new((LaunchDevice)KernelDevices.Open("cpu"));
        using IlgpuBackend backend = new(device);
        IEnumerable<OpSample> one = OpCatalog.Samples.GroupBy(s => s.Op).Select(op => op.First());
        Assert.That(BackendCheck.Run(backend, one).Where(r => !r.Passed), Is.Empty);
        foreach (string training in new[] { "momentum in bf16", "AdamW in double" })
            DeviceTrainingTests.Compare(device, training, layers: 1);
        using Tensor numbers = Tensor.From<float>(backend, [1, float.NaN], [2]);
        Assert.That(backend.IsFinite(numbers.View), Is.False);
        string[] never = [.. KernelCatalog.All().Select(Family).Distinct().Except(device.Launched.Select(Family))
            .Where(name => !name.Contains("Mma", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        Assert.That(never, Is.EqualTo(NeedLargerBlocks));
    }

    private static string Family(System.Reflection.MethodInfo kernel) => kernel.DeclaringType!.Name.Split('`')[0];
}
