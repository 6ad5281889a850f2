using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>y = x in another element type;  dx = dy in x's. Between integers, masks and floats there is no gradient.</summary>
/// <param name="to">The element type of the result.</param>
public sealed class Cast(DType to) : Op
{
    /// <inheritdoc/>
    public override string OperandName(int index) => "x";

    /// <inheritdoc/>
    public override void Infer(Signature s)
    {
        s.RequireCount(1, 1);
        if (!to.IsFloating()) s.NotDifferentiable(0);
        s.Output(s[0], to);
    }

    /// <inheritdoc/>
    public override void Forward(in ForwardContext c) => c.Backend.Cast(c[0], Into(c.Y));

    /// <inheritdoc/>
    public override void Gradient(in GradientContext c)
    {
        if (!c.Wants(0, out Destination dx)) return;
        // Gradients of weights are floats, whatever the weights are rounded to.
        if (c.Dy.DType == dx.View.DType) c.Backend.Copy(c.Dy, dx);
        else c.Backend.Cast(c.Dy, dx);
    }
}

public readonly partial struct Value
{
    /// <summary>The elements in another type; itself when it has that type already.</summary>
    public Value Cast(DType to) => to == DType ? this : new Cast(to).Apply(this);
}
