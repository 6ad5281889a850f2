using System.Text.Json;
using AutogradCore.Checking;
using AutogradCore.Cli;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

public sealed class GradCheckCommandTests
{
    [Test]
    public void Json_has_a_line_for_each_operand_of_each_op_and_all_are_right()
    {
        CommandLine call = CommandLine.Run("gradcheck", "--json");
        Assert.That(call.Code, Is.EqualTo(ExitCode.Ok));
        JsonElement[] lines = [.. call.JsonLines];
        Assert.That(lines.Select(l => l.GetProperty("op").GetString()).Distinct(),
            Is.EquivalentTo(OpCatalog.Samples.Select(s => s.Name.Split(':')[0]).Distinct()));
        foreach (JsonElement line in lines)
        {
            Assert.That(line.GetProperty("worstError").GetDouble(), Is.LessThan(1e-8));
            Assert.That(line.GetProperty("phase").GetString(), Is.EqualTo("passed"));
            Assert.That(line.GetProperty("poison").GetString(), Is.EqualTo("passed"));
            Assert.That(line.GetProperty("verdict").GetString(),
                Is.EqualTo(line.GetProperty("operand").GetString() is null ? "nothing to differentiate" : "right"));
        }
    }

    [Test]
    public void One_op_or_one_sample_can_be_chosen_in_any_case()
    {
        Assert.That(
            CommandLine.Run("gradcheck", "--op", "matmul", "--json").JsonLines.Select(l => l.GetProperty("op").GetString()),
            Is.All.EqualTo("MatMul"));
        Assert.That(
            CommandLine.Run("gradcheck", "--op", "MatMul:batched", "--json").JsonLines
                .Select(l => l.GetProperty("variant").GetString()),
            Is.All.EqualTo("batched"));
        Assert.That(CommandLine.Run("gradcheck", "--op", "MatMul").Out, Does.Contain("all right"));
    }

    [Test]
    public void An_unknown_op_gets_the_near_names()
    {
        CommandLine call = CommandLine.Run("gradcheck", "--op", "MatMull");
        Assert.That(call.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(call.Error, Does.Contain("did you mean MatMul?"));
        Assert.That(CommandLine.Run("gradcheck", "--op", "zzzzz").Error, Does.Contain("ops are Add"));
    }
}
