using System.Text.Json;
using AutogradCore.Cli;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

/// <summary>One call of the tool in this process: its exit code, and what it printed. Hints that name an option which the called
/// command does not have fail the test, whichever it is.</summary>
internal sealed record CommandLine(ExitCode Code, string Out, string Error)
{
    public static CommandLine Run(params string[] args) => Run(default, args);

    public static CommandLine Run(CancellationToken cancellation, params string[] args)
    {
        using StringWriter output = new(), error = new();
        ExitCode code = Application.Run(args, new Terminal(output, error), new Interruption(cancellation));
        Assert.That(CommandOptions.MissingInHints(args, error.ToString()), Is.Empty, error.ToString());
        return new CommandLine(code, output.ToString(), error.ToString());
    }

    /// <summary>Trains a few tiny steps with <c>--json</c>; later options win over the ones here.</summary>
    public static CommandLine Train(TemporaryFolder folder, string name, params string[] args)
    {
        if (!File.Exists(folder["text.txt"]))
            folder.Write("text.txt",
                [.. Enumerable.Range(0, 600).Select(i => (byte)"To be, or not to be, that is the question.\n"[i % 43])]);
        List<string> all = ["train", "--json", "--out", folder[name], "--data", folder["text.txt"]];
        foreach ((string option, string value) in new[] { ("--steps", "3"), ("--batch", "4"), ("--seq", "8"),
            ("--microbatches", "2"), ("--threads", "1") })
            if (!args.Contains(option)) all.AddRange([option, value]);
        return Run([.. all, .. args]);
    }

    /// <summary>The only line of output, as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    /// <summary>All lines of output, as JSON.</summary>
    public IEnumerable<JsonElement> JsonLines
        => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement);

    /// <summary>The hash that <c>train --json</c> prints.</summary>
    public string Hash => Json.GetProperty("parameterHash").GetString()!;
}
