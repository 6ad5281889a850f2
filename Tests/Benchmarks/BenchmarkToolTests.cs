using AutogradCore.Benchmarks;
using NUnit.Framework;

namespace AutogradCore.Tests.Benchmarks;

[Parallelizable]
public sealed class BenchmarkToolTests
{
    [Test]
    public void A_fresh_process_measures_a_step_alone()
    {
        BenchmarkTool tool = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "autogradcore.dll")]);
        StepMemory memory = tool.StepMemory("nano", 1);
        Assert.That(memory.PoolBytes, Is.GreaterThan(50_000_000));
        Assert.That(memory.ResidentBytes, Is.InRange(memory.PoolBytes, 4 * memory.PoolBytes));
    }

    [Test]
    public void A_tool_that_fails_or_is_not_there_is_named()
    {
        Assert.That(() => new BenchmarkTool("no-such-program", []).StepMemory("nano", 1),
            Throws.TypeOf<BenchmarkException>().With.Message.Contains("no-such-program bench-memory nano 1"));
        Assert.That(() => new BenchmarkTool("dotnet", ["no-such.dll"]).StepMemory("nano", 1),
            Throws.TypeOf<BenchmarkException>());
    }

    [TestCase("OPENBLAS_CORETYPE", true)]
    [TestCase("OPENBLAS_L2_SIZE", true)]
    [TestCase("MKL_ENABLE_INSTRUCTIONS", true)]
    [TestCase("ATEN_CPU_CAPABILITY", true)]
    [TestCase("OMP_PROC_BIND", true)]
    [TestCase("PATH", false)]
    [TestCase("PYTHONPATH", false)]
    public void The_peer_sees_no_variable_that_could_hold_it_back(string variable, bool removed) =>
        Assert.That(Peer.Pins(variable), Is.EqualTo(removed));
}
