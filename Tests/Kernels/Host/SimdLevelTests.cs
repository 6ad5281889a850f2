using System.Diagnostics;
using System.Runtime.InteropServices;
using AutogradCore.Kernels.Host;
using AutogradCore.Tests.Backends;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Host;

/// <summary>All vector code on each vector width: the runtime of a child process is told to do without the wider
/// instructions.</summary>
[Parallelizable]
public sealed class SimdLevelTests
{
    private const string NoAvx512 = "DOTNET_EnableAVX512", NoAvx = "DOTNET_EnableAVX";

    private static readonly Lazy<Dictionary<string, string>> Here = new(() => new(VectorCodeRun.Bits()));

    [TestCase(NoAvx512, SimdLevel.Vector256)]
    [TestCase(NoAvx, SimdLevel.Vector128)]
    [TestCase(NoAvx512, SimdLevel.Vector256, VectorCodeRun.Everything, Category = BackendCases.Exhaustive)]
    [TestCase(NoAvx, SimdLevel.Vector128, VectorCodeRun.Everything, Category = BackendCases.Exhaustive)]
    public void Vector_code_passes_its_tests_with_the_same_bits_without(string instructions, SimdLevel level,
        params string[] arguments)
    {
        if (SimdLevels.Best <= level) Assert.Ignore($"this machine has nothing wider than {SimdLevels.Best}");
        VectorCodeReport report = RunWithout(instructions, arguments);
        Assert.That(report.Level, Is.EqualTo(level));
        Assert.That(report.Failures, Is.Empty);
        Assert.That(report.Passed, Is.GreaterThan(500));
        Assert.That(report.Bits, Is.EquivalentTo(Here.Value));
    }

    private static VectorCodeReport RunWithout(string instructions, string[] arguments)
    {
        string runtime = RuntimeEnvironment.GetRuntimeDirectory();
        string dotnet = Path.Combine(runtime, "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        ProcessStartInfo start = new(dotnet, [typeof(SimdLevelTests).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
        };
        start.Environment[instructions] = "0";
        using Process child = Process.Start(start)!;
        string printed = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return VectorCodeRun.Read(printed);
    }
}
