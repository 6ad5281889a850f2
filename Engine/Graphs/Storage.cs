namespace AutogradCore;

/// <summary>The memory of one or more node outputs (views share it) during one step, and who still has to read it.</summary>
internal sealed class Storage(long bytes)
{
    /// <summary>Bytes when held.</summary>
    public long Bytes { get; } = bytes;

    /// <summary>The memory while held.</summary>
    public Buffer? Buffer { get; set; }

    /// <summary>Owned by a user's tensor or a parameter: never freed here.</summary>
    public bool External { get; set; }

    /// <summary>The leaf whose tensor owns the memory in the present step; views of it find it here.</summary>
    public Node? Lender { get; set; }

    /// <summary>The memory has become a gradient: who frees this one leaves it alone.</summary>
    public bool HandedOn { get; set; }

    /// <summary>Planned readers: forward uses, input rules and weight rules that read it, and values that are held.</summary>
    public int Uses { get; set; }

    /// <summary>Readers still to come in this step.</summary>
    public int Pending { get; set; }

    /// <summary>Whether a rule of the inputs' phase reads it.</summary>
    public bool ReadByInputRules { get; set; }

    /// <summary>Whether a rule of the weights' phase reads it.</summary>
    public bool ReadByWeightRules { get; set; }

    /// <summary>Forgets the plan.</summary>
    public void ClearPlan() => (Uses, ReadByInputRules, ReadByWeightRules) = (0, false, false);
}
