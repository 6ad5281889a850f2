namespace AutogradCore.Pipeline;

/// <summary>One use of a parameter by a layer that does not own it.</summary>
/// <param name="Owner">The parameter.</param>
/// <param name="Home">The stage that owns it.</param>
/// <param name="Stage">The stage of the use.</param>
/// <param name="Layer">The layer of the use.</param>
/// <param name="Channel">The use's number, from 1.</param>
internal sealed record SharedUse(Parameter Owner, int Home, int Stage, int Layer, int Channel)
{
    /// <summary>What the layer uses in its place, with a gradient of its own.</summary>
    public Parameter Replica { get; set; } = null!;

    /// <summary>The owner's version of the values that the replica has.</summary>
    public int Version { get; set; } = -1;

    /// <summary>Whether the replica has values of its own.</summary>
    public bool IsApart => Replica.Data != Owner.Data;

    /// <summary>Whether those are old.</summary>
    public bool IsStale => IsApart && Version != Owner.Data.Version;

    /// <summary>The message that brings values.</summary>
    /// <param name="batch">The batch whose update made them, where several may be under way.</param>
    public Message Values(int batch = Action.NoMicrobatch) => new(new Action(Stage, ActionKind.Unshard, batch), Channel);

    /// <summary>The message that brings a gradient.</summary>
    /// <param name="batch">The batch it is of, where several may be under way.</param>
    public Message Gradient(int batch = Action.NoMicrobatch) => new(new Action(Home, ActionKind.ReduceGradient, batch), Channel);
}
