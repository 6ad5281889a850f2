using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>Two axes exchanged; dx is dy with the same two exchanged.</summary>
/// <param name="a">One axis; negative counts from the end.</param>
/// <param name="b">The other.</param>
public sealed class Transpose(int a, int b) : Op
{
    /// <inheritdoc/>
    public override string OperandName(int index) => "x";

    /// <inheritdoc/>
    public override void Infer(Signature s)
    {
        s.RequireCount(1, 1);
        (int i, int j) = (s[0].Axis(a), s[0].Axis(b));
        s.Output(s[0].Swap(i, j), s.DType(0));
    }

    /// <inheritdoc/>
    public override void Forward(in ForwardContext c) => c.Backend.Copy(Swap(c[0]), Into(c.Y));

    /// <inheritdoc/>
    public override void Gradient(in GradientContext c)
    {
        if (c.Wants(0, out Destination dx)) c.Backend.Copy(Swap(c.Dy), dx);
    }

    private View Swap(in View x) => x.Swap(x.Shape.Axis(a), x.Shape.Axis(b));
}

public readonly partial struct Value
{
    /// <summary>Exchanges two axes; negative numbers count from the end.</summary>
    public Value Transpose(int a = -2, int b = -1) => new Transpose(a, b).Apply(this);
}
