namespace AutogradCore.Cli;

/// <summary>Where the times of a timeline come from, which says what they compare with.</summary>
internal enum CostSource
{
    /// <summary>One model for all schedules, cut into equal stages.</summary>
    Model,

    /// <summary>Times given stage by stage.</summary>
    Stages,

    /// <summary>Times of single stages that a file of costs brought along.</summary>
    File,

    /// <summary>The timeline brought them along: it was measured, or simulated before.</summary>
    Trace,
}
