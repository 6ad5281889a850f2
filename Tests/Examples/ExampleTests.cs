using AutogradCore.Examples;
using NUnit.Framework;

namespace AutogradCore.Tests.Examples;

public sealed class ExampleTests
{
    [Test]
    public void The_quickstart_says_what_its_comments_say()
    {
        StringWriter output = new();
        Quickstart.Run(output);
        Assert.That(output.ToString().ReplaceLineEndings("\n"), Is.EqualTo("False\nLinear -> [2,2]: 28 flop, 16 bytes\n"));
    }

    [Test]
    public void The_training_loop_learns_exclusive_or()
    {
        StringWriter output = new();
        Training.Run(output);
        string last = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        Assert.That(double.Parse(last[(last.LastIndexOf(' ') + 1)..]), Is.LessThan(1e-3), output.ToString());
    }

    [Test]
    public void The_custom_op_passes_its_check() => Assert.That(() => CustomOp.Run(TextWriter.Null), Throws.Nothing);

    [Test]
    public void The_pipeline_learns_to_count()
    {
        StringWriter output = new();
        PipelineTraining.Run(output);
        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        double first = LossOf(lines[^2]), last = LossOf(lines[^1]);
        Assert.That(last, Is.LessThan(first / 4), output.ToString());
    }

    [Test]
    public void A_schedule_of_ten_lines_is_foretold_and_trains()
    {
        StringWriter output = new();
        OwnSchedule.Run(output);
        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines[0], Does.StartWith("waves+2bp: 2 ranks, 2 stages, 4 microbatches: makespan 14, bubble 14.3"));
        Assert.That(LossOf(lines[^1]), Is.LessThan(LossOf(lines[^2]) / 4), output.ToString());
    }

    [TestCase("docs/schedules.md", "OwnSchedule", "docs")]
    [TestCase("README.md", "Quickstart", "README")]
    [TestCase("docs/training.md", "Training", "docs")]
    public void The_documents_show_examples_as_they_are_compiled(string document, string example, string mark)
    {
        string source = File.ReadAllText(Path.Combine(Repository.Root, "Examples", $"{example}.cs")).ReplaceLineEndings("\n");
        string begin = $"        // {mark}:\n", end = $"        // :{mark}\n";
        int from = source.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        string shown = source[from..source.IndexOf(end, StringComparison.Ordinal)]
            .Replace("\n        ", "\n").TrimStart(' ').Replace("output.WriteLine", "Console.WriteLine");
        Assert.That(File.ReadAllText(Path.Combine(Repository.Root, document)).ReplaceLineEndings("\n"), Does.Contain(shown));
    }

    [Test]
    public void The_picture_in_the_README_is_what_the_simulator_draws() =>
        Assert.That(File.ReadAllText(Path.Combine(Repository.Root, "docs", "1f1b-2bp.svg")).ReplaceLineEndings("\n"),
            Is.EqualTo(SchedulePicture.Draw().ReplaceLineEndings("\n")),
            "regenerate docs/1f1b-2bp.svg with SchedulePicture.Draw");

    private static double LossOf(string line) => double.Parse(line[(line.LastIndexOf(' ') + 1)..]);
}
