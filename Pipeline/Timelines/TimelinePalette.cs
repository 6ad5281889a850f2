namespace AutogradCore.Pipeline;

/// <summary>Colours that colour-blind readers can tell apart, all light enough for black text.</summary>
/// <remarks>Okabe and Ito's palette (2008, jfly.uni-koeln.de/color); its green is lightened here, and a tan is added.</remarks>
internal static class TimelinePalette
{
    /// <summary>The fill of an action's bar.</summary>
    internal static string Of(ActionKind kind) => kind switch
    {
        ActionKind.Forward => "#56B4E9",
        ActionKind.BackwardInputs => "#E69F00",
        ActionKind.BackwardWeights => "#2BB58C",
        ActionKind.Backward => "#CC79A7",
        ActionKind.Update => "#F0E442",
        ActionKind.Unshard or ActionKind.Reshard or ActionKind.ReduceGradient => "#C8AE8A",
        _ => "#BBBBBB",
    };

    /// <summary>What the legend says beside the colour; all transfers share one entry, all collectives another.</summary>
    internal static string Legend(ActionKind kind) => kind switch
    {
        ActionKind.Forward => "F forward",
        ActionKind.BackwardInputs => "I input gradients",
        ActionKind.BackwardWeights => "W weight gradients",
        ActionKind.Backward => "B = I + W",
        ActionKind.Update => "U update",
        ActionKind.Unshard or ActionKind.Reshard or ActionKind.ReduceGradient => "collective",
        _ => "transfer",
    };
}
