using System.Text.RegularExpressions;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

public sealed partial class CommandOptionsTests
{
    [Test]
    public void A_hint_at_an_option_that_only_other_commands_have_is_found()
    {
        const string error = "Error: no --text.\nHint: use --data, --steps or --help";
        Assert.That(CommandOptions.MissingInHints(["profile", "--steps", "0"], error), Is.EqualTo(new[] { "--data" }));
        Assert.That(CommandOptions.MissingInHints(["train"], error), Is.Empty);
    }

    [Test]
    public void Every_option_that_the_tool_speaks_of_is_an_option_of_a_command()
    {
        string[] named = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "Cli"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}"))
            .SelectMany(file => CommandOptions.Named(File.ReadAllText(file))).Distinct()];
        Assert.That(named, Has.Length.GreaterThan(40));
        Assert.That(named.Except(CommandOptions.All), Is.Empty);
    }

    [Test]
    public void Every_command_line_of_the_documents_has_the_options_that_it_gives()
    {
        string[] pages = [Path.Combine(Repository.Root, "README.md"),
            .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md")];
        Match[] lines = [.. pages.SelectMany(page => CalledInDocuments().Matches(File.ReadAllText(page)))];
        Assert.That(lines, Has.Length.GreaterThan(5));
        Assert.Multiple(() =>
        {
            foreach (string line in lines.Select(match => match.Groups[1].Value))
                Assert.That(CommandOptions.Named(line).Except(CommandOptions.Of(line.Split(' '))), Is.Empty, line);
        });
    }

    [GeneratedRegex(@"(?:autogradcore|build\.sh run --) +([a-z][^`\n#]*)")]
    private static partial Regex CalledInDocuments();
}
