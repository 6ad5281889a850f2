namespace AutogradCore;

/// <summary>What a checkpoint says besides its tensors.</summary>
/// <remarks>Random numbers and batches are functions of seed and step,
/// so these two are the random state and the data position.</remarks>
/// <param name="Step">Optimizer steps taken.</param>
/// <param name="Seed">The seed of the run.</param>
/// <param name="Configuration">The options that the run was started with, by name.</param>
public sealed record CheckpointState(int Step, ulong Seed, IReadOnlyDictionary<string, string> Configuration)
{
    /// <summary>Columns of numbers that belong to the run, by name, such as the losses so far. Empty unless set; they come back
    /// bit for bit.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<double>> Records { get; init; } =
        new Dictionary<string, IReadOnlyList<double>>();
}
