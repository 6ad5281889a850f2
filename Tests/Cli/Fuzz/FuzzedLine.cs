using System.CommandLine;
using AutogradCore.Cli;
using AutogradCore.Pipeline;

namespace AutogradCore.Tests.Cli;

/// <summary>Random command lines for every command, from the options and arguments that it declares.</summary>
/// <remarks>Numbers are tiny or absurd: a size that a machine could hold would be worked on.</remarks>
internal sealed class FuzzedLine(FuzzFiles files)
{
    private static readonly string[] Whole =
    [
        "0", "1", "1", "2", "2", "3", "4", "-1", "2147483647", "2147483646", "-2147483648", "2147483648", "100000000000", "x",
        "", "1.5", " 2", "+2", "0x2",
    ];

    private static readonly string[] Real =
        ["0", "1", "0.5", "-1", "1e308", "-1e308", "1e-320", "NaN", "Infinity", "-Infinity", "1e400", "1,5", "x", ""];

    private static readonly string[] Words =
    [
        "", " ", "x", "host", "reference", "simt", "ilgpu", "cpu", "cuda:7", "gpt-nano", "gpt-tiny", "float32", "bf16", "sgd",
        "adamw", "off", "end", "fill", "eager", "1,1,1", "1,1", "1e308,1,1", "1e303,1e303,1e303", "0,0,0", "1,1,1;2,2,2", "@",
        "@x", "-", "--", "a\0b", "\uD800", new string('w', 5000), "Relu", "MatMul", "peak", "torch",
        "[suggest:x]", "[diagram]",
    ];

    /// <summary>What keeps a command from its long defaults, and from writing where it is called.</summary>
    private readonly Dictionary<string, string[]> _small = new(StringComparer.Ordinal)
    {
        ["train"] = ["--data", files.Text, "--out", files["out"], "--steps", "1", "--batch", "1", "--seq", "4",
            "--microbatches", "1", "--threads", "1"],
        ["demo"] = ["--data", files.Text, "--out", files["out"], "--seconds", "0.1"],
        ["profile"] = ["--steps", "1", "--batch", "1", "--seq", "4", "--microbatches", "1", "--threads", "1"],
        ["sample"] = ["--tokens", "2", "--threads", "1"],
        ["gradcheck"] = ["--op", "Relu"],
        ["optimize"] = ["--moves", "10"],
        ["gpu"] = ["--checks-only", "--small"],
    };

    /// <summary>All commands that do something, as the words that call them.</summary>
    public static IEnumerable<(Command Command, string[] Path)> Commands()
    {
        Command root = Application.Root([], new Terminal(TextWriter.Null, TextWriter.Null), null, out _);
        return Below(root, []);
    }

    /// <summary>One line for a command.</summary>
    public string[] Of(Command command, string[] path, Random random)
    {
        files.LeaveNothingHere();
        List<string> line = [];
        HashSet<string> given = [];
        foreach (Option option in command.Options.Where(o => o is not System.CommandLine.Help.HelpOption))
        {
            if (random.Next(Math.Max(2, command.Options.Count / 3)) != 0) continue;
            given.Add(option.Name);
            line.Add(option.Name);
            if (option.ValueType != typeof(bool) || random.Next(8) == 0)
                line.Add(Value(option.ValueType, option.Description ?? "", random));
        }
        foreach (Argument argument in command.Arguments)
            for (int count = random.Next(3); count > 0; count--)
                line.Add(Value(argument.ValueType, argument.Description ?? "", random));
        string[] small = _small.GetValueOrDefault(command.Name, []);
        for (int i = 0; i < small.Length; i++)
        {
            int end = i + 1 < small.Length && !small[i + 1].StartsWith("--", StringComparison.Ordinal) ? i + 1 : i;
            if (!given.Contains(small[i])) line.AddRange(small[i..(end + 1)]);
            i = end;
        }
        if (random.Next(12) == 0) line.Insert(random.Next(line.Count + 1), Words[random.Next(Words.Length)]);
        return random.Next(30) == 0 ? [Pick(Words, random), .. path, .. line] : [.. path, .. line];
    }

    /// <summary>A value of an option: most often one that it may take, which its description is likely to name.</summary>
    private string Value(Type type, string description, Random random)
    {
        type = Nullable.GetUnderlyingType(type) ?? type.GetElementType() ?? type;
        if (type == typeof(string))
            return random.Next(6) switch
            {
                0 => Pick(Words, random),
                1 => Pick([.. Schedules.Names], random),
                2 or 3 => Pick([.. description.Split(' ').Select(word => word.TrimEnd('.', ',', ';', ':'))], random),
                _ => Prefix(random) + Pick(files.Places, random),
            };
        if (random.Next(3) != 0 && type != typeof(bool)) return Pick(["1", "2", "3", "4"], random);
        return type == typeof(double) ? Pick(Real, random) : type == typeof(bool) ? Pick(["true", "false", "x"], random)
            : Pick(Whole, random);
    }

    private static string Prefix(Random random) => random.Next(3) == 0 ? "@" : "";

    private static string Pick(IReadOnlyList<string> from, Random random) => from[random.Next(from.Count)];

    private static IEnumerable<(Command Command, string[] Path)> Below(Command command, string[] path) =>
        command.Subcommands.Count == 0
            ? [(command, path)]
            : command.Subcommands.SelectMany(child => Below(child, [.. path, child.Name]));
}
