using AutogradCore.Cli;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

/// <summary>What a run has still to write after a kill behind its last checkpoint is written when it is resumed.</summary>
[Parallelizable]
public sealed class OwedResultsTests
{
    private TemporaryFolder _finished = null!, _folder = null!;
    private CommandLine _whole = null!;
    private string[] _table = null!;

    private string Summary => _folder["run/summary.json"];

    private string Table => _folder["run/loss.csv"];

    [OneTimeSetUp]
    public void Train()
    {
        _finished = new TemporaryFolder();
        _whole = CommandLine.Train(_finished, "run");
        Assert.That(_whole.Code, Is.EqualTo(ExitCode.Ok), _whole.Error);
        _table = File.ReadAllLines(_finished["run/loss.csv"]);
    }

    [SetUp]
    public void Copy()
    {
        _folder = new TemporaryFolder();
        foreach (string file in Directory.GetFiles(_finished["run"]))
            _folder.Write($"run/{Path.GetFileName(file)}", File.ReadAllBytes(file));
    }

    [TearDown]
    public void Remove() => _folder.Dispose();

    [OneTimeTearDown]
    public void RemoveAll() => _finished.Dispose();

    [TestCase("missing")]
    [TestCase("cut off")]
    [TestCase("no object")]
    [TestCase("of other parameters")]
    [TestCase("of the interrupted run")]
    public void A_summary_that_is_not_of_the_finished_run_is_written_and_printed(string how)
    {
        string text = File.ReadAllText(Summary);
        if (how == "missing") File.Delete(Summary);
        else File.WriteAllText(Summary, how switch
        {
            "cut off" => text[..(text.Length / 2)],
            "no object" => "[3]",
            "of other parameters" => text.Replace(_whole.Hash, new string('0', 64), StringComparison.Ordinal),
            _ => text.Replace("\"interrupted\": false", "\"interrupted\": true", StringComparison.Ordinal),
        });
        CommandLine resumed = Resume();
        Assert.That(resumed.Error, Does.Contain("written anew: summary.json."));
        Assert.That(resumed.Json.GetProperty("interrupted").GetBoolean(), Is.False);
        Assert.That(resumed.Json.GetProperty("stepSeconds").GetDouble(), Is.GreaterThan(0), "from the table");
        Assert.That(resumed.Json.GetProperty("heldOutLossLast").GetDouble(),
            Is.EqualTo(_whole.Json.GetProperty("heldOutLossLast").GetDouble()));
        Assert.That(File.ReadAllText(Summary), Does.Contain(_whole.Hash));
        Assert.That(File.ReadAllLines(Table), Is.EqualTo(_table));
        Assert.That(Resume().Error, Does.Contain("nothing is left to do"));
    }

    [TestCase("missing")]
    [TestCase("without its last rows")]
    [TestCase("damaged")]
    [TestCase("of another run")]
    public void A_table_that_is_not_the_checkpoints_is_written_again(string how)
    {
        string summary = File.ReadAllText(Summary);
        if (how == "missing") File.Delete(Table);
        else File.WriteAllLines(Table, how switch
        {
            "without its last rows" => _table[..^2],
            "damaged" => ["what", "is", "this"],
            _ => [_table[0], "0,,9,,,", "1,9,,9,9,9", "2,9,,9,9,9", "3,9,9,9,9,9"],
        });
        CommandLine resumed = Resume();
        Assert.That(resumed.Error, Does.Contain("written anew: loss.csv, loss.svg."));
        string[] rows = File.ReadAllLines(Table);
        Assert.That(rows.Select(WithoutTime), Is.EqualTo(_table.Select(WithoutTime)));
        if (how == "without its last rows") Assert.That(rows[..^2], Is.EqualTo(_table[..^2]), "times that were known are kept");
        Assert.That(File.ReadAllText(Summary), Is.EqualTo(summary), "its measurements are not lost");
    }

    [Test]
    public void A_chart_that_is_missing_is_drawn_again()
    {
        string chart = File.ReadAllText(_folder["run/loss.svg"]);
        File.Delete(_folder["run/loss.svg"]);
        Assert.That(Resume().Error, Does.Contain("written anew: loss.svg."));
        Assert.That(File.ReadAllText(_folder["run/loss.svg"]), Is.EqualTo(chart));
    }

    [Test]
    public void A_run_that_owes_nothing_is_left_as_it_is()
    {
        Dictionary<string, DateTime> before = Directory.GetFiles(_folder["run"]).ToDictionary(f => f, File.GetLastWriteTimeUtc);
        CommandLine resumed = Resume();
        Assert.That(resumed.Error, Does.Contain("nothing is left to do"));
        Assert.That(Directory.GetFiles(_folder["run"]).ToDictionary(f => f, File.GetLastWriteTimeUtc), Is.EqualTo(before));
    }

    [Test]
    public void A_table_that_is_behind_its_checkpoint_has_no_hole_after_the_run_goes_on()
    {
        CommandLine.Train(_folder, "part", "--stop-at", "2");
        string table = _folder["part/loss.csv"];
        File.WriteAllLines(table, File.ReadAllLines(table)[..^1]);
        CommandLine resumed = CommandLine.Train(_folder, "part", "--resume");
        Assert.That(resumed.Code, Is.EqualTo(ExitCode.Ok), resumed.Error);
        Assert.That(File.ReadAllLines(table).Select(r => r.Split(',')[0]), Is.EqualTo(_table.Select(r => r.Split(',')[0])));
        Assert.That(File.ReadAllLines(table).Select(r => r.Split(',')[1]), Is.EqualTo(_table.Select(r => r.Split(',')[1])));
    }

    [Test]
    public void Equal_runs_have_equal_checkpoints()
    {
        CommandLine.Train(_folder, "again", "--stages", "3");
        Assert.That(File.ReadAllBytes(_folder["again/checkpoint.safetensors"]),
            Is.EqualTo(File.ReadAllBytes(_folder["run/checkpoint.safetensors"])));
    }

    private CommandLine Resume()
    {
        CommandLine resumed = CommandLine.Train(_folder, "run", "--resume");
        Assert.That((resumed.Code, resumed.Hash), Is.EqualTo((ExitCode.Ok, _whole.Hash)), resumed.Error);
        return resumed;
    }

    private static string WithoutTime(string row) => row[..row.LastIndexOf(',')];
}
