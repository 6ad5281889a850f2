using System.Globalization;
using System.Text;
using AutogradCore.Cli;
using AutogradCore.Pipeline;
using AutogradCore.Tests.Engine;

namespace AutogradCore.Tests.Cli;

/// <summary>Files for commands to stumble over: right ones of every kind, and the same with small damage.</summary>
internal sealed class FuzzFiles : IDisposable
{
    private static readonly string[] Numbers =
        ["-1", "0", "2147483647", "2147483648", "-2147483648", "99999999999999999999", "1e308", "-1e308", "1e-320", "NaN", "0.5"];

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, byte[]> _right = new(StringComparer.Ordinal);
    private readonly string _before = Directory.GetCurrentDirectory();

    public FuzzFiles()
    {
        LeaveNothingHere();
        Text = _folder.Write("text.txt", [.. Enumerable.Range(0, 600).Select(i => (byte)"To be, or not to be.\n"[i % 21])]);
        Schedule schedule = Schedules.Create("1f1b", 2, 2);
        Add("schedule.csv", schedule.ToCsv());
        Add("split.csv", SplitBackward.Apply(Schedules.Create("dualpipe-v", 2, 4), TwoStage.Fill).ToCsv());
        Add("transfers.csv", InsertTransfers.Apply(schedule).ToCsv());
        Add("trace.json", ChromeTrace.ToJson(Simulator.Run(schedule, StageCosts.Uniform(2))));
        Add("costs.json", CostFile.Write(new StageCosts([1, 1], [1, 1], [1, 1], [new Link(1, 2, 3)], TimeUnit.Seconds)
        { Memory = [new StageMemory(3, 2, 1), new StageMemory(3, 2, 1)] }));
        CommandLine run = CommandLine.Run([.. RunOptions, "--out", this["run"], "--stop-at", "1"]);
        if (run.Code != ExitCode.Ok) throw new InvalidOperationException(run.Error);
        foreach (string file in Directory.GetFiles(this["run"]))
            _right[$"run/{Path.GetFileName(file)}"] = File.ReadAllBytes(file);
        Directory.CreateDirectory(this["folder"]);
        File.WriteAllBytes(this["empty"], []);
        File.CreateSymbolicLink(this["circle"], this["circle"]);
        Places = [.. _right.Keys.Select(name => this[name]), Text, this["run"], this["folder"], this["empty"], this["circle"],
            this["missing"], this["missing/below"], this["empty/below"], this[new string('n', 300)], this["b\u00e4r \n.csv"], "",
            " ", "/", "/dev/null/x", "a\0b"];
    }

    /// <summary>Text to train on.</summary>
    public string Text { get; }

    /// <summary>Paths that are right, and paths that are wrong in every way there is.</summary>
    public IReadOnlyList<string> Places { get; }

    /// <summary>The training that wrote the folder <c>run</c>.</summary>
    public string[] RunOptions => ["train", "--data", Text, "--steps", "2", "--batch", "2", "--seq", "4", "--microbatches", "1",
        "--stages", "1", "--threads", "1"];

    public string this[string name] => _folder[name];

    /// <summary>Puts all files right again, and damages one that a line names.</summary>
    /// <returns>What was done, for the report of a failure.</returns>
    public string Damage(string[] line, Random random)
    {
        foreach ((string name, byte[] bytes) in _right) File.WriteAllBytes(Recreated(name), bytes);
        string[] named = [.. _right.Keys.Where(name => line.Any(word => word.TrimStart('@') == this[name]
            || word == this["run"] && name.StartsWith("run/", StringComparison.Ordinal))).Order(StringComparer.Ordinal)];
        string victim = named[random.Next(named.Length)];
        byte[] damaged = Damaged(_right[victim], random, Path.GetExtension(victim) is ".csv" or ".json");
        File.WriteAllBytes(this[victim], damaged);
        return damaged.Length < 4000 ? $"{victim}:\n{Encoding.Latin1.GetString(damaged)}" : victim;
    }

    /// <summary>Makes an empty folder the current one: words without a folder become files there.</summary>
    public void LeaveNothingHere()
    {
        if (Directory.Exists(this["here"])) Directory.Delete(this["here"], recursive: true);
        Directory.SetCurrentDirectory(Directory.CreateDirectory(this["here"]).FullName);
    }

    public void Dispose()
    {
        Directory.SetCurrentDirectory(_before);
        _folder.Dispose();
    }

    private void Add(string name, string text) => _right[name] = Encoding.UTF8.GetBytes(text);

    /// <summary>The path of a file that a command may have removed, or replaced by a folder.</summary>
    private string Recreated(string name)
    {
        if (Directory.Exists(this[name])) Directory.Delete(this[name], recursive: true);
        Directory.CreateDirectory(Path.GetDirectoryName(this[name])!);
        return this[name];
    }

    private static byte[] Damaged(byte[] right, Random random, bool isText)
    {
        List<byte> bytes = [.. right];
        for (int times = random.Next(1, 4); times > 0 && bytes.Count > 0; times--)
        {
            int at = random.Next(bytes.Count), length = Math.Min(random.Next(1, 40), bytes.Count - at);
            switch (random.Next(isText ? 7 : 4))
            {
                case 0: bytes.RemoveRange(at, bytes.Count - at); break;
                case 1: bytes.RemoveRange(at, length); break;
                case 2: bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length)); break;
                case 3: bytes[at] = (byte)random.Next(256); break;
                default: ReplaceNumber(bytes, random); break;
            }
        }
        return [.. bytes];
    }

    private static void ReplaceNumber(List<byte> bytes, Random random)
    {
        int at = random.Next(bytes.Count);
        while (at < bytes.Count && !char.IsAsciiDigit((char)bytes[at])) at++;
        int end = at;
        while (end < bytes.Count && (char.IsAsciiDigit((char)bytes[end]) || bytes[end] is (byte)'.')) end++;
        bytes.RemoveRange(at, end - at);
        string number = random.Next(2) == 0
            ? Numbers[random.Next(Numbers.Length)]
            : random.Next(10).ToString(CultureInfo.InvariantCulture);
        bytes.InsertRange(at, Encoding.ASCII.GetBytes(number));
    }
}
