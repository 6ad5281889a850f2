using System.CommandLine;
using AutogradCore.Cli;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

/// <summary>Whatever the words and the files are, a command ends, with an exit code that the help explains and a reason, and
/// never calls a user's input its own defect.</summary>
[NonParallelizable]
public sealed class CommandLineFuzzTests
{
    private const int Seed = 1;
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(120);

    /// <summary>When calls are interrupted: random words may ask for hours, while right lines end by themselves, if slowly on a
    /// machine with other work.</summary>
    private static readonly TimeSpan OfWords = TimeSpan.FromSeconds(0.2), OfFiles = TimeSpan.FromSeconds(5);

    /// <summary>Commands that measure for a minute whatever they are told: no form calls them.</summary>
    private static readonly string[] Measuring = ["bench", "bench-memory"];

    /// <summary>Commands whose smallest call takes seconds: the quick form leaves them out.</summary>
    private static readonly string[] Slow = [.. Measuring, "gpu", "demo", "list"];

    [Test]
    public void No_words_are_a_defect() => Words(300, command => !Slow.Contains(command.Name));

    [Test]
    public void No_file_is_a_defect() => Files(40);

    [Test, Category("Exhaustive")]
    public void No_words_are_a_defect_in_many_calls() => Words(10_000, command => !Measuring.Contains(command.Name));

    [Test, Category("Exhaustive")]
    public void No_file_is_a_defect_in_many_calls() => Files(2_000);

    /// <summary>Random lines, every command as often as the others.</summary>
    private static void Words(int calls, Func<Command, bool> takes)
    {
        using FuzzFiles files = new();
        FuzzedLine lines = new(files);
        (Command Command, string[] Path)[] commands = [.. FuzzedLine.Commands().Where(c => takes(c.Command))];
        Run(calls, OfWords, random =>
        {
            (Command command, string[] path) = commands[random.Next(commands.Length)];
            return (lines.Of(command, path, random), "");
        });
    }

    /// <summary>Right lines, of which each reads files that one damage has been done to.</summary>
    private static void Files(int calls)
    {
        using FuzzFiles files = new();
        string schedule = files["schedule.csv"], costs = $"@{files["costs.json"]}";
        string[][] lines =
        [
            [.. files.RunOptions, "--out", files["run"], "--resume"],
            [.. files.RunOptions, "--out", files["run"], "--resume", "--json", "--stop-at", "1"],
            ["sample", "--checkpoint", files["run"], "--tokens", "2", "--threads", "1"],
            ["schedule", "show", "--schedule", schedule],
            ["schedule", "validate", "--file", files["split.csv"]],
            ["schedule", "validate", "--file", files["transfers.csv"], "--rendezvous", "--json"],
            ["schedule", "simulate", "--schedule", schedule, "--costs", costs],
            ["schedule", "simulate", "--schedule", files["split.csv"]],
            ["schedule", "simulate", "--stages", "2", "--costs", costs, "--trace", files["out.json"], "--svg", files["out.svg"]],
            ["schedule", "optimize", "--stages", "2", "--costs", costs, "--moves", "10", "--json"],
            ["schedule", "convert", "--schedule", schedule, "--two-stage", "fill", "--costs", costs],
            ["schedule", "convert", "--schedule", files["transfers.csv"], "--transfers", "reorder"],
            ["schedule", "compare", files["trace.json"], schedule, "--json"],
            ["schedule", "compare", files["trace.json"], "--html", files["out.html"], "--svg", files["out.svg"]],
            ["schedule", "compare", files["run/timeline.json"], "--trace", files["out.json"]],
            [.. files.RunOptions, "--out", files["other"], "--overwrite", "--schedule", schedule, "--stages", "2"],
        ];
        Run(calls, OfFiles, random =>
        {
            string[] line = lines[random.Next(lines.Length)];
            return (line, files.Damage(line, random));
        });
    }

    private static void Run(int calls, TimeSpan limit, Func<Random, (string[] Line, string Damage)> next)
    {
        Random random = new(Seed);
        SortedDictionary<ExitCode, int> codes = [];
        for (int call = 0; call < calls; call++)
        {
            (string[] line, string damage) = next(random);
            CommandLine answer = Answer(line, damage, limit);
            string report = $"call {call}: {string.Join(' ', line.Select(word => $"'{word}'"))}\n{damage}\n{answer.Error}";
            Assert.That(answer.Code, Is.Not.EqualTo(ExitCode.Internal), report);
            Assert.That(ExitCodes.All.Select(c => c.Code), Does.Contain(answer.Code), report);
            if (answer.Code is not (ExitCode.Ok or ExitCode.CheckFailed)) Assert.That(answer.Error, Is.Not.Empty, report);
            codes[answer.Code] = codes.GetValueOrDefault(answer.Code) + 1;
        }
        TestContext.Out.WriteLine(string.Join(", ", codes.Select(c => $"{c.Value} {c.Key}")));
        Assert.That(codes.Keys, Does.Contain(ExitCode.Ok).And.Contain(ExitCode.Data));
    }

    private static CommandLine Answer(string[] line, string damage, TimeSpan limit)
    {
        using CancellationTokenSource interrupt = new(limit);
        Task<CommandLine> call = Task.Factory.StartNew(
            () => CommandLine.Run(interrupt.Token, line), default, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (!call.Wait(Hang)) Assert.Fail($"it hangs: {string.Join(' ', line.Select(word => $"'{word}'"))}\n{damage}");
        return call.Result;
    }
}
