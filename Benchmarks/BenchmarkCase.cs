namespace AutogradCore.Benchmarks;

/// <summary>A piece of work to time, and how its time becomes a figure.</summary>
/// <param name="Measure">What is measured.</param>
/// <param name="Shape">The sizes, as people read them.</param>
/// <param name="Threads">Threads used.</param>
/// <param name="Unit">The unit of the figure.</param>
/// <param name="Work">How many units one run is worth: the figure is work over seconds.</param>
/// <param name="Bound">The machine's limit in the same unit; null where none is measured.</param>
/// <param name="Run">One run.</param>
/// <param name="Budget">Seconds to spend on it.</param>
/// <param name="PeerRequest">The same work in the words of the peer's script; null when it has none.</param>
internal sealed record BenchmarkCase(
    string Measure, string Shape, int Threads, string Unit, double Work, double? Bound, System.Action Run, double Budget,
    string? PeerRequest)
{
    private const int Turns = 5;

    /// <summary>The median of the repetitions.</summary>
    public Measurement Alone()
    {
        double value = Work / Clock.Median(Run, Budget);
        return new Measurement(Measure, Shape, Threads, value, Unit, Bound, value / Bound);
    }

    /// <summary>Ours and the peer's in turns, so that both meet the same machine.</summary>
    public Measurement Beside(Peer peer)
    {
        if (PeerRequest is null) return Alone();
        double[] ours = new double[Turns], theirs = new double[Turns], ratios = new double[Turns];
        for (int turn = 0; turn < Turns; turn++)
        {
            ours[turn] = Work / Clock.Median(Run, Budget / Turns);
            theirs[turn] = Work / peer.Seconds(PeerRequest, Budget / Turns);
            ratios[turn] = ours[turn] / theirs[turn];
        }
        double value = Median(ours);
        return new Measurement(Measure, Shape, Threads, value, Unit, Bound, value / Bound, Median(theirs), Median(ratios));
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
