using AutogradCore.Kernels.Ilgpu;
using ILGPU.Runtime.Cuda;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Ilgpu.Native;

/// <summary>What products with factors under way become.</summary>
public sealed class AsyncGemmPtxTests
{
    [Test]
    public void A([Values] bool isBFloat16, [Values] bool isWide, [Values] bool alongA, [Values] bool alongB)
    {
        Type[] factor = isBFloat16 ? [typeof(ushort), typeof(BFloat16Format), typeof(ushort), typeof(BFloat16Storage)]
            : [typeof(float), typeof(TensorFloat32Format), typeof(float), typeof(FloatStorage)];
        Type kernel = typeof(AsyncMmaGemmKernel<,,,,,,,>).MakeGenericType([typeof(Unmapped), .. factor, isWide ? typeof(WideInFour) : typeof(SquareInThree), alongA ? typeof(AlongDepth) : typeof(AlongOuter), alongB ? typeof(AlongDepth) : typeof(AlongOuter)]);
        string ptx = PtxTests.Compile(kernel.GetMethod("Run")!, CudaArchitecture.SM_90);
        string name = $"async-{(isBFloat16 ? "bf16" : "tf32")}-{(isWide ? "wide" : "square")}-{alongA}-{alongB}";
        TestContext.Out.WriteLine($"{name}: {ptx.Split('\n').Length} lines");
        if (Environment.GetEnvironmentVariable("PTX_OUT") is { } folder)
            File.WriteAllText(Path.Combine(folder, name + ".ptx"), ptx);
    }
}
