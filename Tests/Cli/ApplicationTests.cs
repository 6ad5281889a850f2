using AutogradCore.Cli;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

public sealed class ApplicationTests
{
    [TestCase("doctor", "--jsn", "--json")]
    [TestCase("gradcheck", "--ops", "--op")]
    [TestCase("train", "--stage", "--stages")]
    public void An_unknown_option_is_a_usage_error_with_the_nearest_one(string command, string option, string nearest)
    {
        CommandLine call = CommandLine.Run(command, option);
        Assert.That(call.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(call.Error, Does.Contain(option).And.Contain($"did you mean {nearest}?"));
        Assert.That(call.Out, Is.Empty);
    }

    [Test]
    public void An_unknown_command_is_a_usage_error_with_the_nearest_one()
    {
        CommandLine call = CommandLine.Run("trian");
        Assert.That(call.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(call.Error, Does.Contain("did you mean train?"));
    }

    [TestCase("train", "--steps", "many")]
    [TestCase("train", "--lr", "")]
    [TestCase("sample", "--tokens", "1")]
    [TestCase("", "", "")]
    [TestCase("[suggest:x]", "schedule", "list")]
    [TestCase("[suggest:-5]", "schedule", "list")]
    [TestCase("[nothing]", "schedule", "list")]
    public void A_value_that_cannot_be_read_or_is_missing_is_a_usage_error(params string[] args)
    {
        CommandLine call = CommandLine.Run([.. args.Where(a => a.Length > 0)]);
        Assert.That(call.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(call.Error, Is.Not.Empty);
        Assert.That(call.Out, Is.Empty);
    }

    [Test]
    public void A_line_that_calls_a_command_makes_that_one_and_any_other_line_makes_all()
    {
        string[] Made(params string[] line) =>
        [
            .. Application.Root(line, new Terminal(TextWriter.Null, TextWriter.Null), default, out _).Subcommands.SelectMany(
                command => command.Subcommands.Select(below => $"{command.Name} {below.Name}").Prepend(command.Name)),
        ];
        string[] all = Made("--help");
        Assert.That(all, Has.Length.EqualTo(17));
        Assert.That(Made("trian"), Is.EqualTo(all));
        Assert.That(Made("schedule", "simulat"), Is.EqualTo(all.Where(line => line.Split(' ')[0] == "schedule")));
        foreach (string line in all)
            Assert.That(Made(["--verbose", .. line.Split(' '), "--out", "demo"])[^1],
                Is.EqualTo(line == "schedule" ? "schedule compare" : line));
    }

    [Test]
    public void Help_names_the_commands_and_the_exit_codes()
    {
        CommandLine call = CommandLine.Run("--help");
        Assert.That(call.Code, Is.EqualTo(ExitCode.Ok));
        foreach (string command in new[] { "train", "sample", "gradcheck", "doctor", "demo" })
            Assert.That(call.Out, Does.Contain($"  {command} "));
        foreach (ExitCode code in Enum.GetValues<ExitCode>()) Assert.That(call.Out, Does.Match($@"(?m)^ +{(int)code}  \w"));
    }

    [Test]
    public void An_error_is_a_message_and_a_hint_and_its_stack_only_when_asked_for()
    {
        Assert.That(CommandLine.Run("gradcheck", "--op", "nothing").Error, Does.Contain("Hint:").And.Not.Contain("   at "));
        Assert.That(CommandLine.Run("gradcheck", "--op", "nothing", "--verbose").Error, Does.Contain("   at "));
    }
}
