using System.Text.Json;
using AutogradCore.Benchmarks;
using AutogradCore.Cli;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

[Parallelizable]
public sealed class BenchMemoryTests
{
    [Test]
    public void Steady_steps_on_the_host_backend_take_nothing_from_the_system()
    {
        CommandLine call = CommandLine.Run("bench-memory", "nano", "1");
        Assert.That(call.Code, Is.EqualTo(ExitCode.Ok), call.Error);
        StepMemory memory = call.Json.Deserialize<StepMemory>(JsonSerializerOptions.Web)!;
        TestContext.Out.WriteLine(memory);
        Assert.That(memory.SystemAllocations, Is.Zero);
        Assert.That(memory.ReservedBytes, Is.InRange(memory.PoolBytes, memory.PoolBytes * 5 / 4));
        Assert.That(memory.ResidentBytes, Is.GreaterThan(memory.PoolBytes));
    }

    [Test]
    public void It_is_not_listed_and_refuses_models_it_does_not_know()
    {
        Assert.That(CommandLine.Run("--help").Out, Does.Contain("bench").And.Not.Contain("bench-memory"));
        Assert.That(CommandLine.Run("bench-memory", "huge", "1").Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(CommandLine.Run("bench-memory", "nano", "0").Code, Is.EqualTo(ExitCode.Usage));
    }
}
