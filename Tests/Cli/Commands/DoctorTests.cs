using System.Text.Json;
using AutogradCore.Cli;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

public sealed class DoctorTests
{
    [Test]
    public void Json_is_one_object_that_tells_what_is_there_and_why_the_rest_is_not()
    {
        CommandLine call = CommandLine.Run("doctor", "--json");
        Assert.That(call.Code, Is.EqualTo(ExitCode.Ok));
        Assert.That(call.Error, Is.Empty);
        JsonElement json = call.Json;
        Assert.That(json.GetProperty("cores").GetInt32(), Is.EqualTo(Environment.ProcessorCount));
        JsonElement[] all = [.. json.GetProperty("backends").EnumerateArray(), .. json.GetProperty("libraries").EnumerateArray(),
            .. json.GetProperty("system").EnumerateArray()];
        Assert.That(all.Select(c => c.GetProperty("name").GetString()),
            Is.EqualTo(new[] { "host", "reference", "ilgpu", "cuda", "nccl", "mpi", "huge pages", "pinning" }));
        foreach (JsonElement c in all)
            Assert.That(c.GetProperty(c.GetProperty("available").GetBoolean() ? "detail" : "reason").GetString(), Is.Not.Empty);
    }

    [Test]
    public void The_table_has_no_escape_codes_when_it_is_not_on_a_terminal()
    {
        CommandLine call = CommandLine.Run("doctor");
        Assert.That(call.Out, Does.Contain("SIMD").And.Not.Contain("\u001b"));
    }
}
