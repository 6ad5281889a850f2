using System.Diagnostics;
using System.Runtime.InteropServices;
using AutogradCore.Kernels.Host;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Host;

/// <summary>All vector code on each vector width: the runtime of a child process is told to do without the wider
/// instructions.</summary>
public sealed class SimdLevelTests
{
    private static readonly Lazy<Dictionary<string, string>> Here = new(() => new(VectorCodeRun.Bits()));

    [TestCase("DOTNET_EnableAVX512", SimdLevel.Vector256)]
    [TestCase("DOTNET_EnableAVX", SimdLevel.Vector128)]
    public void Vector_code_passes_its_tests_with_the_same_bits_without(string instructions, SimdLevel level)
    {
        if (SimdLevels.Best <= level) Assert.Ignore($"this machine has nothing wider than {SimdLevels.Best}");
        VectorCodeReport report = RunWithout(instructions);
        Assert.That(report.Level, Is.EqualTo(level));
        Assert.That(report.Failures, Is.Empty);
        Assert.That(report.Passed, Is.GreaterThan(500));
        Assert.That(report.Bits, Is.EquivalentTo(Here.Value));
    }

    private static VectorCodeReport RunWithout(string instructions)
    {
        string runtime = RuntimeEnvironment.GetRuntimeDirectory();
        string dotnet = Path.Combine(runtime, "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        ProcessStartInfo start = new(dotnet, [typeof(SimdLevelTests).Assembly.Location]) { RedirectStandardOutput = true };
        start.Environment[instructions] = "0";
        using Process child = Process.Start(start)!;
        string printed = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        TestContext.Out.WriteLine(printed);
        return VectorCodeRun.Read(printed);
    }
}
