namespace AutogradCore.Benchmarks;

/// <summary>A piece of work to time, and how its time becomes a figure.</summary>
/// <param name="Measure">What is measured.</param>
/// <param name="Shape">The sizes, as people read them.</param>
/// <param name="Threads">Threads used.</param>
/// <param name="Unit">The unit of the figure.</param>
/// <param name="Work">How many units one run is worth: the figure is work over seconds.</param>
/// <param name="Bound">Measures the machine's limit in the same unit, within some 50 ms; null where there is none to
/// measure.</param>
/// <param name="Run">One run.</param>
/// <param name="Budget">Seconds to spend on it.</param>
/// <param name="PeerRequest">The same work in the words of the peer's script; null when it has none.</param>
internal sealed record BenchmarkCase(
    string Measure, string Shape, int Threads, string Unit, double Work, Func<double>? Bound, System.Action Run, double Budget,
    string? PeerRequest)
{
    private const double Calm = 0.03;

    /// <summary>How often ours, the bound and the peer take turns.</summary>
    public int Turns { get; init; } = 5;

    /// <summary>How often all turns are taken at most, while they disagree.</summary>
    public int MostAttempts { get; init; } = 3;

    /// <summary>Waits for what runs have queued; null where a run waits for itself.</summary>
    public System.Action? Finish { get; init; }

    /// <summary>Ours and the bound in turns, and the peer where there is one that knows this work, so that all meet the same
    /// machine. Each figure is a median, and so is each ratio, of neighbours in turns.</summary>
    /// <remarks>Others may disturb the machine for longer than all turns take, so turns that disagree are taken again; the
    /// attempt whose turns agree best counts, whichever figure it gives.</remarks>
    public Measurement Measured(Peer? peer)
    {
        (Measurement figure, double spread) = Attempt(peer);
        for (int attempt = 1; attempt < MostAttempts && spread > Calm; attempt++)
        {
            (Measurement again, double spreadAgain) = Attempt(peer);
            if (spreadAgain < spread) (figure, spread) = (again, spreadAgain);
        }
        return figure;
    }

    private (Measurement Figure, double Spread) Attempt(Peer? peer)
    {
        double[] ours = new double[Turns], bounds = new double[Turns], ofBound = new double[Turns];
        double[] theirs = new double[Turns], ofPeer = new double[Turns];
        bool hasPeer = peer is not null && PeerRequest is not null;
        for (int turn = 0; turn < Turns; turn++)
        {
            if (Bound is not null) bounds[turn] = Bound();
            ours[turn] = Work / Clock.Median(Run, Budget / Turns, Finish);
            ofBound[turn] = ours[turn] / bounds[turn];
            if (!hasPeer) continue;
            theirs[turn] = Work / peer!.Seconds(PeerRequest!, Budget / Turns);
            ofPeer[turn] = ours[turn] / theirs[turn];
        }
        Measurement figure = new(Measure, Shape, Threads, Median(ours), Unit);
        if (Bound is not null) figure = figure with { Bound = Median(bounds), OfBound = Median(ofBound) };
        if (hasPeer) figure = figure with { Peer = Median(theirs), OfPeer = Median(ofPeer) };
        return (figure, Math.Max(Spread(Bound is null ? ours : ofBound), hasPeer ? Spread(ofPeer) : 0));
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }

    /// <summary>How far apart the middle half of sorted values lies, as a share of their median.</summary>
    private static double Spread(double[] sorted) =>
        (sorted[^(sorted.Length / 4 + 1)] - sorted[sorted.Length / 4]) / sorted[sorted.Length / 2];
}
