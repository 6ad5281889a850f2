namespace AutogradCore;

/// <summary>y = max x along an axis, index = its first position;  dx = dy at that position, zero elsewhere.</summary>
/// <param name="axis">The axis; negative counts from the end.</param>
/// <param name="keepAxis">The axis stays, with length 1, instead of disappearing.</param>
/// <remarks>A kink where the two largest are equal: the gradient goes to the first.
/// Output 1 is the position, Int32, without a gradient.</remarks>
public sealed class Max(int axis, bool keepAxis) : Op
{
    /// <inheritdoc/>
    public override string OperandName(int index) => "x";

    /// <inheritdoc/>
    public override void Infer(Signature s)
    {
        s.RequireCount(1, 1);
        DType dtype = s.RequireFloating();
        int along = s[0].Axis(axis);
        s.Require(s[0][along] > 0, $"axis {along} is empty and has no maximum.");
        Shape kept = s[0].With(along, 1);
        Shape shape = keepAxis ? kept : Without(s[0], along);
        s.Output(shape, dtype);
        s.Output(shape, AutogradCore.DType.Int32);
    }

    /// <inheritdoc/>
    public override void Forward(in ForwardContext c)
    {
        Shape kept = Kept(c[0].Shape);
        c.Backend.Max(c[0], c[0].Shape.Axis(axis), c.Y.Reshape(kept), c.Output(1).Reshape(kept));
    }

    /// <inheritdoc/>
    public override Reads Reads(int operand) => AutogradCore.Reads.Output(1);

    /// <inheritdoc/>
    public override void Gradient(in GradientContext c)
    {
        Shape kept = Kept(c.ShapeOf(0));
        if (c.Wants(0, out Destination dx))
            c.Backend.MaxGradient(c.Dy.Reshape(kept), c.Output(1).Reshape(kept), c.ShapeOf(0).Axis(axis), dx);
    }

    private Shape Kept(in Shape shape) => shape.With(shape.Axis(axis), 1);

    private static Shape Without(in Shape shape, int axis)
    {
        List<int> lengths = [.. shape];
        lengths.RemoveAt(axis);
        return Shape.Of([.. lengths]);
    }
}

public readonly partial struct Value
{
    /// <summary>The maximum along an axis; a negative axis counts from the end.</summary>
    public Value Max(int axis = -1, bool keepAxis = false) => new Max(axis, keepAxis).Apply(this);

    /// <summary>The first position of the maximum along an axis, Int32.</summary>
    public Value ArgMax(int axis = -1, bool keepAxis = false) => new Max(axis, keepAxis).ApplyAll(this)[1];
}
