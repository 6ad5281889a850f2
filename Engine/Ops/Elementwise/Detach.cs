namespace AutogradCore;

/// <summary>y = x, without a gradient.</summary>
public sealed class DetachOp : Op
{
    /// <summary>The op; it has no settings.</summary>
    public static DetachOp Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "Detach";

    /// <inheritdoc/>
    public override bool IsView => true;

    /// <inheritdoc/>
    public override void Infer(Signature s)
    {
        s.RequireCount(1, 1);
        s.NotDifferentiable(0);
        s.Output(s[0], s.DType(0));
    }
}

public readonly partial struct Value
{
    /// <summary>The same elements, through which no gradient flows.</summary>
    public Value Detach() => DetachOp.Instance.Apply(this);
}
