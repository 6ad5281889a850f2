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
    private readonly List<LossRow> _rows = [];

    /// <summary>The rows, by step.</summary>
    public IReadOnlyList<LossRow> Rows => _rows;

    /// <summary>The first and the last loss that were measured, of one kind.</summary>
    public (double First, double Last) Ends(Func<LossRow, double> loss)
    {
        double[] known = [.. _rows.Select(loss).Where(v => !double.IsNaN(v))];
        return known.Length == 0 ? (double.NaN, double.NaN) : (known[0], known[^1]);
    }

    /// <summary>Adds a row.</summary>
    public void Add(in LossRow row) => _rows.Add(row);

    /// <summary>Notes the held-out loss after the latest step.</summary>
    public void Judge(double heldOut) => _rows[^1] = _rows[^1] with { HeldOut = heldOut };

    /// <summary>Takes up the rows of an earlier part of the run, up to the step it is resumed at.</summary>
    /// <exception cref="CorpusException">The file is there, but not such a table.</exception>
    public void Resume(string csv, int step)
    {
        if (!File.Exists(csv)) return;
        string[] lines = Lines(csv);
        if (lines.Length == 0 || lines[0] != Header) throw Wrong(csv, 1);
        for (int i = 1; i < lines.Length; i++)
        {
            double[] cells = [.. lines[i].Split(',').Select(c => c.Length == 0 ? double.NaN
                : double.TryParse(c, NumberStyles.Float, CultureInfo.InvariantCulture, out double v) ? v
                : throw Wrong(csv, i + 1))];
            if (cells.Length != 6) throw Wrong(csv, i + 1);
            if (cells[0] <= step) _rows.Add(new LossRow((int)cells[0], cells[1], cells[2], cells[3], cells[4], cells[5]));
        }
    }

    /// <summary>The table as text.</summary>
    public string ToCsv()
    {
        StringBuilder text = new(Header + "\n");
        foreach (LossRow r in _rows)
            text.Append(r.Step).Append(',').AppendJoin(',',
                new[] { r.Loss, r.HeldOut, r.LearningRate, r.GradientNorm, r.Seconds }.Select(Cell)).Append('\n');
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
