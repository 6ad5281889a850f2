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
    /// <summary>How often ours, the bound and the peer take turns.</summary>
    public int Turns { get; init; } = 5;

    /// <summary>Waits for what runs have queued; null where a run waits for itself.</summary>
    public System.Action? Finish { get; init; }

    /// <summary>Ours and the bound in turns, and the peer where there is one that knows this work, so that all meet the same
    /// machine: others may slow it down, and soon be gone. Each figure is a median, and so is each ratio, of neighbours in
    /// turns.</summary>
    public Measurement Measured(Peer? peer)
    {
        double[] ours = new double[Turns], bounds = new double[Turns], ofBound = new double[Turns];
        double[] theirs = new double[Turns], ofPeer = new double[Turns];
        for (int turn = 0; turn < Turns; turn++)
        {
            if (Bound is not null) bounds[turn] = Bound();
            ours[turn] = Work / Clock.Median(Run, Budget / Turns, Finish);
            ofBound[turn] = ours[turn] / bounds[turn];
            if (peer is null || PeerRequest is null) continue;
            theirs[turn] = Work / peer.Seconds(PeerRequest, Budget / Turns);
            ofPeer[turn] = ours[turn] / theirs[turn];
        }
        Measurement alone = new(Measure, Shape, Threads, Median(ours), Unit);
        if (Bound is not null) alone = alone with { Bound = Median(bounds), OfBound = Median(ofBound) };
        return peer is null || PeerRequest is null ? alone : alone with { Peer = Median(theirs), OfPeer = Median(ofPeer) };
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
