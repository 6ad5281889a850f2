namespace AutogradCore;

/// <summary>The same memory under another shape; dx is dy under x's.</summary>
/// <param name="shape">The shape of the result, of equal element count.</param>
public sealed class Reshape(Shape shape) : Op
{
    /// <inheritdoc/>
    public override bool IsView => true;

    /// <inheritdoc/>
    public override string OperandName(int index) => "x";

    /// <inheritdoc/>
    public override void Infer(Signature s)
    {
        s.RequireCount(1, 1);
        s.Require(
            s[0].ElementCount == shape.ElementCount, $"{s[0].ElementCount} elements do not fill {shape} ({shape.ElementCount}).");
        s.Output(shape, s.DType(0));
    }

    /// <inheritdoc/>
    public override bool PassesGradient(int operand) => true;

    /// <inheritdoc/>
    public override void Gradient(in GradientContext c)
    {
        if (c.Wants(0, out Destination dx)) c.Backend.Copy(c.Dy.Reshape(c.ShapeOf(0)), dx);
    }
}

public readonly partial struct Value
{
    /// <summary>The same elements in row-major order under another shape; one length may be -1 and follows from the others.
    /// Without elements, axes of length 0 count as 1 for that: <c>[0,3,4]</c> as <c>(0, -1)</c> is <c>[0,12]</c>.</summary>
    public Value Reshape(params ReadOnlySpan<int> lengths)
    {
        int[] resolved = lengths.ToArray();
        int open = Array.IndexOf(resolved, -1);
        if (open >= 0)
        {
            resolved[open] = 1;
            Shape others = AutogradCore.Shape.Of(resolved);
            bool empty = others.ElementCount == 0 && Shape.ElementCount == 0;
            long all = empty ? CountWithoutEmptyAxes(Shape) : Shape.ElementCount,
                known = empty ? CountWithoutEmptyAxes(others) : others.ElementCount;
            if (known == 0 || all % known != 0)
                throw new ShapeMismatchException(
                    $"Reshape of {Shape}: {all} elements do not divide by {known} to give axis {open}.");
            resolved[open] = checked((int)(all / known));
        }
        return new Reshape(AutogradCore.Shape.Of(resolved)).Apply(this);
    }

    private static long CountWithoutEmptyAxes(in Shape shape)
    {
        long count = 1;
        foreach (int length in shape) count *= Math.Max(length, 1);
        return count;
    }
}
