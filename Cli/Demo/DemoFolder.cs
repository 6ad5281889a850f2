using System.Text;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>Writes what the demo shows.</summary>
internal static class DemoFolder
{
    private const string Prompt = "/// <summary>";
    private const int SampleBytes = 400, SampleSeconds = 15;

    /// <summary>Writes all files of a comparison.</summary>
    /// <exception cref="AutogradException">The folder cannot be written.</exception>
    public static DemoSummary Write(RunFolder folder, DemoComparison comparison, TrainingData data)
    {
        (DemoRun whole, DemoRun split) = (comparison.Unsplit, comparison.Split);
        split.Save(folder.Checkpoint);
        string sample = Sample(folder.Checkpoint);
        SortedDictionary<string, string> files =
            new(StringComparer.Ordinal) { ["summary"] = folder.Summary, ["checkpoint"] = folder.Checkpoint };
        void Add(string what, string name, string text)
        {
            WholeFile.Write(files[what] = folder[name], text);
        }
        string measured = DemoNotes.IsDisturbed(comparison.CoreShare, Environment.ProcessorCount)
            ? "measured beside other programs"
            : "measured";
        Timeline[] timelines = [whole.Measurements.Typical.Timeline.Named($"without 2BP, {measured}"),
            split.Measurements.Typical.Timeline.Named($"with 2BP, {measured}"),
            Simulator.Run(whole.Schedule, split.Costs).Named("without 2BP, simulated with measured costs"),
            Simulator.Run(split.Schedule, split.Costs).Named("with 2BP, simulated with measured costs")];
        const string title = "A training step over 2 stages, 1F1B, without and with 2BP";
        Add("timelines", "timelines.svg", TimelineSvg.Draw(timelines, title));
        Add("comparison", "timelines.html", TimelinePage.Write(timelines, title, comparison.Notes));
        Add("trace", "timelines.json", ChromeTrace.ToJson(timelines));
        Add("lossCurve", "loss.svg", split.History.ToSvg($"{split.Options.Model}: the same bits without and with 2BP"));
        Add("lossTable", "loss.csv", split.History.ToCsv());
        Add("lossTableUnsplit", "loss-unsplit.csv", whole.History.ToCsv());
        Add("lossByTime", "loss-by-time.svg", ByTime(whole, split));
        Add("sample", "sample.txt", sample + "\n");
        DemoSummary summary = DemoSummary.Of(comparison, data, sample, files);
        WholeFile.Write(folder.Summary, Json.ToPage(summary));
        return summary;
    }

    /// <summary>Up to <see cref="SampleBytes"/> bytes; fewer on a machine that is too slow for them.</summary>
    private static string Sample(string checkpoint)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(SampleSeconds));
        using SampledModel model = new(checkpoint, precision: null, "host", 1);
        IEnumerable<byte> text = model.Continue(Prompt, SampleBytes, new SamplingOptions(Temperature: 0.6), patience.Token);
        return Prompt + Encoding.UTF8.GetString([.. text]);
    }

    private static string ByTime(DemoRun whole, DemoRun split)
        => new LineChart("Held-out loss by training time", "seconds of training", "loss (nats per byte)",
        [Curve("without 2BP", whole.History), Curve("with 2BP", split.History)]).ToSvg();

    private static ChartSeries Curve(string name, LossHistory history)
    {
        double seconds = 0;
        List<(double, double)> points = [];
        foreach (LossRow row in history.Rows)
        {
            if (!double.IsNaN(row.Seconds)) seconds += row.Seconds;
            if (!double.IsNaN(row.HeldOut)) points.Add((seconds, row.HeldOut));
        }
        return new ChartSeries(name, points);
    }
}
