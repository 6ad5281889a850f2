namespace AutogradCore.Pipeline;

/// <summary>What one stage holds: per microbatch after each phase, and always.</summary>
/// <param name="AfterForward">Bytes held for a microbatch from F to the end of I or B.</param>
/// <param name="AfterInputs">Bytes held for a microbatch from I to the end of W.</param>
/// <param name="Parameters">Bytes held all the time: parameters, their gradients, the optimizer's state.</param>
/// <param name="Input">Bytes held in place of <paramref name="AfterForward"/> where the stage recomputes.</param>
public readonly record struct StageMemory(long AfterForward, long AfterInputs, long Parameters = 0, long Input = 0)
{
    /// <summary>The unit "one microbatch": a stage holds 1 from F to the end of W or B, and nothing else counts.</summary>
    public static StageMemory Microbatch { get; } = new(1, 1);

    internal bool IsPossible => AfterForward >= 0 && AfterInputs >= 0 && Parameters >= 0 && Input >= 0;
}
