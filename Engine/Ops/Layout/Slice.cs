using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>y = x[start .. start+length) along one axis;  dx = dy there, zero elsewhere.</summary>
/// <param name="axis">The axis; negative counts from the end.</param>
/// <param name="start">The first position.</param>
/// <param name="length">The number of positions.</param>
public sealed class Slice(int axis, int start, int length) : Op
{
    /// <inheritdoc/>
    public override string OperandName(int index) => "x";

    /// <inheritdoc/>
    public override void Infer(Signature s)
    {
        s.RequireCount(1, 1);
        int i = s[0].Axis(axis);
        s.Require(start >= 0 && length >= 0 && start <= s[0][i] - length,
            $"[{start}, {start + (long)length}) lies outside axis {i} of length {s[0][i]}.");
        s.Output(s[0].With(i, length), s.DType(0));
    }

    /// <inheritdoc/>
    public override void Forward(in ForwardContext c) => c.Backend.Copy(Part(c[0]), Into(c.Y));

    /// <inheritdoc/>
    public override void Gradient(in GradientContext c)
    {
        if (!c.Wants(0, out Destination dx)) return;
        if (!dx.Accumulates) c.Backend.Fill(dx.View, 0);
        c.Backend.Copy(c.Dy, dx.Accumulates ? AddTo(Part(dx.View)) : Into(Part(dx.View)));
    }

    private View Part(in View x) => x.Slice(x.Shape.Axis(axis), start, length);
}

public readonly partial struct Value
{
    /// <summary>The positions [start, start+length) along an axis; a negative axis counts from the end.</summary>
    public Value Slice(int axis, int start, int length) => new Slice(axis, start, length).Apply(this);
}
