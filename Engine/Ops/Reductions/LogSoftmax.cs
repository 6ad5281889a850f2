using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>y = x − ln Σ exp x over the last axis;  dx = dy − exp(y) · Σ dy</summary>
public sealed class LogSoftmax : Op
{
    /// <summary>The op; it has no settings.</summary>
    public static LogSoftmax Instance { get; } = new();

    /// <inheritdoc/>
    public override string OperandName(int index) => "x";

    /// <inheritdoc/>
    public override void Infer(Signature s)
    {
        s.RequireCount(1, 1);
        s.RequireRank(0, 1);
        s.Output(s[0], s.RequireFloating());
    }

    /// <inheritdoc/>
    public override void Forward(in ForwardContext c) => c.Backend.LogSoftmax(c[0], Into(c.Y));

    /// <inheritdoc/>
    public override Reads Reads(int operand) => AutogradCore.Reads.Output();

    /// <inheritdoc/>
    public override void Gradient(in GradientContext c)
    {
        if (c.Wants(0, out Destination dx)) c.Backend.LogSoftmaxGradient(c.Output(), c.Dy, dx);
    }
}

public readonly partial struct Value
{
    /// <summary>Logarithm of softmax along an axis; a negative axis counts from the end.</summary>
    public Value LogSoftmax(int axis = -1)
    {
        if (Shape.Axis(axis) == Shape.Rank - 1) return AutogradCore.LogSoftmax.Instance.Apply(this);
        return AutogradCore.LogSoftmax.Instance.Apply(Transpose(axis, -1)).Transpose(axis, -1);
    }
}
