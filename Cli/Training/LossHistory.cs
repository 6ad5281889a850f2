using System.Globalization;
using System.Text;

namespace AutogradCore.Cli;

/// <summary>One step of a run. NaN stands for what was not measured.</summary>
/// <param name="Step">Steps taken so far; 0 is before the first.</param>
/// <param name="Loss">The training loss of the step.</param>
/// <param name="HeldOut">The held-out loss after it.</param>
/// <param name="LearningRate">The rate of the step.</param>
/// <param name="GradientNorm">The norm before clipping.</param>
/// <param name="Seconds">Wall time.</param>
internal readonly record struct LossRow(
    int Step, double Loss, double HeldOut, double LearningRate, double GradientNorm, double Seconds);

/// <summary>The course of a run: <c>loss.csv</c> and <c>loss.svg</c>.</summary>
internal sealed class LossHistory
{
    private const string Header = "step,loss,held_out_loss,learning_rate,gradient_norm,seconds";
    private static readonly string[] Columns = Header.Split(',');
    private readonly List<LossRow> _rows = [];

    /// <summary>The rows, by step.</summary>
    public IReadOnlyList<LossRow> Rows => _rows;

    /// <summary>The first and the last loss that were measured, of one kind.</summary>
    public (double First, double Last) Ends(Func<LossRow, double> loss)
    {
        double[] known = [.. _rows.Select(loss).Where(v => !double.IsNaN(v))];
        return known.Length == 0 ? (double.NaN, double.NaN) : (known[0], known[^1]);
    }

    /// <summary>The median time of a step in seconds.</summary>
    public double StepSeconds => Measurements.Median(_rows.Select(r => r.Seconds).Where(double.IsFinite));

    /// <summary>Adds a row.</summary>
    public void Add(in LossRow row) => _rows.Add(row);

    /// <summary>Notes the held-out loss after the latest step.</summary>
    public void Judge(double heldOut) => _rows[^1] = _rows[^1] with { HeldOut = heldOut };

    /// <summary>The rows as columns of numbers for a checkpoint. Times are left out, so that equal runs have equal
    /// checkpoints.</summary>
    public Dictionary<string, IReadOnlyList<double>> ToRecords() => Columns.Index().SkipLast(1)
        .ToDictionary(c => c.Item, IReadOnlyList<double> (c) => [.. _rows.Select(r => Cells(r)[c.Index])]);

    /// <summary>Takes up the rows of an earlier part of the run from its checkpoint. Times come from the table, as far as it has
    /// the same rows; it may be missing, damaged or another run's.</summary>
    /// <param name="state">What the checkpoint says; one of an older version has no rows, and then the table has them.</param>
    /// <param name="csv">The table.</param>
    /// <exception cref="CheckpointException">The checkpoint has rows of another form.</exception>
    /// <exception cref="CorpusException">The checkpoint has no rows, and the file is no table of them.</exception>
    public void Resume(CheckpointState state, string csv)
    {
        if (state.Records.Count == 0)
        {
            _rows.AddRange(Read(csv).Where(row => row.Step <= state.Step));
            return;
        }
        IReadOnlyList<double>[] columns = [.. Columns.SkipLast(1).Select(c => state.Records.GetValueOrDefault(c, []))];
        if (columns.Any(c => c.Count != columns[0].Count))
            throw new CheckpointException(null, null, "The checkpoint's rows of the loss table have columns of unequal length.",
                hint: "It was not written by train.");
        Dictionary<(int, double), double> seconds = Times(csv);
        for (int i = 0; i < columns[0].Count; i++)
        {
            LossRow row = RowOf([.. columns.Select(c => c[i]), double.NaN]);
            _rows.Add(row with { Seconds = seconds.GetValueOrDefault((row.Step, row.Loss), double.NaN) });
        }
    }

    /// <summary>The table as text.</summary>
    public string ToCsv()
    {
        StringBuilder text = new(Header + "\n");
        foreach (LossRow r in _rows)
            text.AppendJoin(',', Cells(r).Select(Cell)).Append('\n');
        return text.ToString();
    }

    /// <summary>The curves of training and held-out loss.</summary>
    public string ToSvg(string title) => Chart(title, [("", this)]);

    /// <summary>The curves of several runs in one chart.</summary>
    public static string Chart(string title, IReadOnlyList<(string Name, LossHistory History)> runs)
        => new LineChart(title, "step", "loss (nats per byte)",
    [
        .. runs.SelectMany(run => new[]
        {
            new ChartSeries($"training {run.Name}".Trim(),
                [.. run.History._rows.Where(r => !double.IsNaN(r.Loss)).Select(r => ((double)r.Step, r.Loss))]),
            new ChartSeries($"held out {run.Name}".Trim(),
                [.. run.History._rows.Where(r => !double.IsNaN(r.HeldOut)).Select(r => ((double)r.Step, r.HeldOut))]),
        }),
    ]).ToSvg();

    private static double[] Cells(in LossRow r) => [r.Step, r.Loss, r.HeldOut, r.LearningRate, r.GradientNorm, r.Seconds];

    private static LossRow RowOf(double[] cells) => new((int)cells[0], cells[1], cells[2], cells[3], cells[4], cells[5]);

    /// <summary>The times of a table's rows, by step and loss; none when it cannot be read.</summary>
    private static Dictionary<(int, double), double> Times(string csv)
    {
        Dictionary<(int, double), double> times = [];
        try
        {
            foreach (LossRow row in Read(csv)) times[(row.Step, row.Loss)] = row.Seconds;
        }
        catch (CorpusException)
        {
            times.Clear(); // the checkpoint has all the rest
        }
        return times;
    }

    private static List<LossRow> Read(string csv)
    {
        if (!File.Exists(csv)) return [];
        string[] lines = Lines(csv);
        if (lines.Length == 0 || lines[0] != Header) throw Wrong(csv, 1);
        List<LossRow> rows = [];
        for (int i = 1; i < lines.Length; i++)
        {
            double[] cells = [.. lines[i].Split(',').Select(c => c.Length == 0 ? double.NaN
                : double.TryParse(c, NumberStyles.Float, CultureInfo.InvariantCulture, out double v) ? v
                : throw Wrong(csv, i + 1))];
            if (cells.Length != Columns.Length) throw Wrong(csv, i + 1);
            rows.Add(RowOf(cells));
        }
        return rows;
    }

    private static string[] Lines(string csv)
    {
        try
        {
            return File.ReadAllLines(csv);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CorpusException(csv, null, $"cannot be read: {error.Message}",
                "remove the file to resume without the earlier part of the curve", error);
        }
    }

    private static string Cell(double value) => double.IsNaN(value) ? "" : value.ToString("R", CultureInfo.InvariantCulture);

    private static CorpusException Wrong(string csv, int line) =>
        new(csv, null, $"line {line} is not a row of '{Header}'.",
            "remove the file to resume without the earlier part of the curve");
}
