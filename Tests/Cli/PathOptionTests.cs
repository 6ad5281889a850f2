using AutogradCore.Cli;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

public sealed class PathOptionTests
{
    [TestCase("train", "--out")]
    [TestCase("train", "--data")]
    [TestCase("demo", "--out")]
    [TestCase("demo", "--data")]
    [TestCase("profile", "--out")]
    [TestCase("gpu", "--out")]
    [TestCase("sample", "--checkpoint")]
    [TestCase("schedule", "validate", "--file")]
    [TestCase("schedule", "show", "--csv")]
    [TestCase("schedule", "convert", "--csv")]
    [TestCase("schedule", "simulate", "--svg")]
    [TestCase("schedule", "simulate", "--trace")]
    [TestCase("schedule", "compare", "1f1b", "--html")]
    public void A_path_that_names_nothing_is_a_usage_error(params string[] command)
    {
        foreach (string path in new[] { "", " ", "a\0b" })
        {
            CommandLine call = CommandLine.Run([.. command, path]);
            Assert.That(call.Code, Is.EqualTo(ExitCode.Usage), path);
            Assert.That(call.Error, Does.Contain(command[^1]));
            Assert.That(call.Out, Is.Empty);
        }
    }

    [TestCase("schedule show --csv")]
    [TestCase("schedule simulate --svg")]
    [TestCase("schedule optimize --trace")]
    [TestCase("schedule compare 1f1b --html")]
    [TestCase("profile --out")]
    public void A_file_without_a_place_is_refused_before_any_work(string line)
    {
        string folder = Path.GetTempPath();
        string[] paths = [folder, Path.Combine(folder, "no", "such", "file"), Path.Combine(folder, new string('n', 300), "x")];
        foreach (string path in paths)
        {
            CommandLine call = CommandLine.Run([.. line.Split(' '), path]);
            Assert.That(call.Code, Is.EqualTo(ExitCode.Data), call.Error);
            Assert.That(call.Error, Does.Contain("cannot be written").And.Contain("Hint:"));
            Assert.That(call.Out, Is.Empty);
        }
    }
}
