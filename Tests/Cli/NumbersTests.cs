using System.CommandLine;
using AutogradCore.Cli;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

public sealed class NumbersTests
{
    [TestCase("train --lr abc", "--lr: 'abc' is no number")]
    [TestCase("train --lr 0,001", "'0,001' is no number", Description = "no separator of thousands, so not 1")]
    [TestCase("train --steps 1.5", "--steps: '1.5' is no whole number")]
    [TestCase("train --steps 1e3", "'1e3' is no whole number")]
    [TestCase("train --steps 99999999999", "'99999999999' is too large")]
    [TestCase("train --chunks -99999999999", "'-99999999999' is too small")]
    [TestCase("train --seed -1", "--seed: '-1' is too small")]
    [TestCase("schedule simulate --comm soon", "--comm: 'soon' is no number")]
    [TestCase("bench-memory gpt-nano two", "threads: 'two' is no whole number")]
    public void An_error_says_which_option_what_was_given_and_what_is_expected(string line, string says)
    {
        CommandLine call = CommandLine.Run(line.Split(' '));
        Assert.That(call.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(call.Error, Does.Contain(says).And.Contain("Hint:"));
    }

    [Test]
    public void No_option_of_any_command_speaks_of_a_type_of_the_runtime()
    {
        (string[] Path, Option Option)[] typed = [.. CommandOptions.Commands.SelectMany(command => command.Command.Options
            .Where(option => option.ValueType != typeof(bool)).Select(option => (command.Path, option)))];
        Assert.That(typed, Has.Length.GreaterThan(60));
        Assert.Multiple(() =>
        {
            foreach ((string[] path, Option option) in typed.Where(t => IsNumber(t.Option.ValueType)))
            {
                string error = CommandLine.Run([.. path, option.Name, "abc"]).Error;
                Assert.That(error, Does.Contain($"{option.Name}: 'abc' is no ").And.Not.Contain("System."),
                    string.Join(' ', path));
            }
        });
    }

    [Test]
    public void A_choice_that_is_none_is_told_with_its_option() =>
        Assert.That(CommandLine.Run("bench", "--peer", "tensorflow").Error, Does.Contain("--peer").And.Contain("torch"));

    private static bool IsNumber(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) is { IsPrimitive: true } primitive && primitive != typeof(bool);
}
