namespace AutogradCore.Pipeline;

/// <summary>What one tensor under way is: the receiving action, such as <c>1RECV_F0</c>, and the channel.</summary>
/// <param name="Action">RECV_F for an activation, RECV_B for a gradient, at the receiving stage; UNSHARD for the values and REDUCE_GRAD
/// for the gradient of a parameter that several stages share.</param>
/// <param name="Channel">0 between neighbouring stages; skip connections and shared parameters have numbers from 1.</param>
public readonly record struct Message(Action Action, int Channel = 0)
{
    /// <summary>The message between neighbouring stages.</summary>
    public static implicit operator Message(Action action) => new(action);

    /// <summary>The action, with the channel unless it is 0: <c>3RECV_F0#1</c>.</summary>
    public override string ToString() => Channel == 0 ? Action.ToString() : $"{Action}#{Channel}";
}
