namespace AutogradCore.Pipeline;

/// <summary>Whether backward is split in two (2BP, arXiv 2405.18047), and where the weight gradients then go.</summary>
public enum TwoStage
{
    /// <summary>Not split: every B stays whole.</summary>
    Off,

    /// <summary>All W of a rank after its last I, stage by stage, so that they can run fused.</summary>
    End,

    /// <summary>W in the waits of the rank, the rest at the end; F or I that can run go first.</summary>
    Fill,

    /// <summary>Each W right after its I: least state held, but only the neighbours gain.</summary>
    Eager,
}

/// <summary>The text of <see cref="TwoStage"/>.</summary>
public static class TwoStageText
{
    /// <summary>Reads <c>off</c>, <c>end</c>, <c>fill</c> or <c>eager</c>, in any case.</summary>
    /// <param name="text">The word.</param>
    /// <exception cref="ScheduleException">The text is another word.</exception>
    public static TwoStage Parse(string text)
    {
        foreach (var value in Enum.GetValues<TwoStage>())
            if (text.Equals(value.ToString(), StringComparison.OrdinalIgnoreCase))
                return value;
        throw new ScheduleException($"Two-stage backward cannot be '{text}'.", "choose off, end, fill or eager.");
    }
}
