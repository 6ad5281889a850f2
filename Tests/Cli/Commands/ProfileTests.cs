using System.Text.Json;
using AutogradCore.Cli;
using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

[Parallelizable]
public sealed class ProfileTests
{
    private static readonly string[] Small =
    [
        "profile", "--model", "gpt-nano", "--stages", "2", "--microbatches", "2", "--batch", "2", "--seq", "8",
        "--threads", "2", "--steps", "2",
    ];

    [Test]
    public void Measured_costs_go_into_a_file_that_the_simulator_takes()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            JsonElement json = CommandLine.Run([.. Small, "--json", "--out", path]).Json;
            foreach (string name in (string[])["forward", "inputs", "weights"])
            {
                var times = json.GetProperty(name).EnumerateArray().Select(t => t.GetDouble());
                Assert.That(times, Has.Exactly(2).Items.And.All.Positive, name);
            }
            foreach (string name in (string[])["links", "backLinks"])
            {
                JsonElement link = json.GetProperty(name).EnumerateArray().Single();
                Assert.That(link.GetProperty("bytes").GetDouble(), Is.EqualTo(1 * 8 * 128 * sizeof(float)), "B·T·C of gpt-nano");
                Assert.That(link.GetProperty("latency").GetDouble(), Is.Not.Negative);
            }
            StageCosts costs = CostFile.Read(path);
            Assert.That(costs.Links.Concat(costs.BackLinks).Select(l => l.Time), Is.All.Positive);
            JsonElement simulated = CommandLine.Run(
                "schedule", "simulate", "--schedule", "gpipe", "--stages", "2", "--microbatches", "3",
                "--costs", $"@{path}", "--json").Json;
            Assert.That(simulated.GetProperty("makespan").GetDouble(),
                Is.GreaterThan(3 * json.GetProperty("forward").EnumerateArray().Max(t => t.GetDouble())));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Test]
    public void In_bf16_activations_on_their_way_take_half_the_bytes()
    {
        foreach ((string precision, int size) in new[] { ("float32", sizeof(float)), ("bf16", DType.BFloat16.Size()) })
        {
            JsonElement json = CommandLine.Run([.. Small, "--precision", precision, "--json"]).Json;
            foreach (string name in (string[])["links", "backLinks"])
                Assert.That(json.GetProperty(name).EnumerateArray().Single().GetProperty("bytes").GetDouble(),
                    Is.EqualTo(1 * 8 * 128 * size), $"{name} in {precision}");
        }
    }

    [Test]
    public void A_precision_that_is_none_is_refused_with_the_choice()
    {
        CommandLine call = CommandLine.Run([.. Small, "--precision", "fp8"]);
        Assert.That(call.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(call.Error, Does.Contain("fp8").And.Contain("float32, bf16"));
    }

    [Test]
    public void Without_json_a_table_has_a_row_for_each_stage() =>
        Assert.That(CommandLine.Run(Small).Out, Does.Contain("held after I").And.Contain("MiB"));

    [Test]
    public void No_steps_are_refused() =>
        Assert.That(CommandLine.Run("profile", "--steps", "0").Code, Is.EqualTo(ExitCode.Usage));
}
