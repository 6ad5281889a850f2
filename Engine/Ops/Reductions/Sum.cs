using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>y = Σ x over some axes;  dx = dy repeated along them.</summary>
/// <param name="axes">Bit i: axis i is summed.</param>
/// <param name="keepAxes">Summed axes stay, with length 1, instead of disappearing.</param>
public sealed class Sum(uint axes, bool keepAxes) : Op
{
    /// <inheritdoc/>
    public override string OperandName(int index) => "x";

    /// <inheritdoc/>
    public override void Infer(Signature s)
    {
        s.RequireCount(1, 1);
        DType dtype = s.RequireFloating();
        Shape kept = Kept(s[0]);
        if (!keepAxes)
        {
            List<int> lengths = [];
            for (int i = 0; i < kept.Rank; i++)
                if ((axes >> i & 1) == 0) lengths.Add(kept[i]);
            kept = Shape.Of([.. lengths]);
        }
        s.Output(kept, dtype);
    }

    /// <inheritdoc/>
    public override void Forward(in ForwardContext c) => c.Backend.Sum(c[0], Into(c.Y.Reshape(Kept(c[0].Shape))));

    /// <inheritdoc/>
    public override void Gradient(in GradientContext c)
    {
        if (c.Wants(0, out Destination dx)) c.Backend.Copy(c.Dy.Reshape(Kept(c.ShapeOf(0))).BroadcastTo(c.ShapeOf(0)), dx);
    }

    private Shape Kept(Shape shape)
    {
        for (int i = 0; i < shape.Rank; i++)
            if ((axes >> i & 1) != 0) shape = shape.With(i, 1);
        return shape;
    }
}

public readonly partial struct Value
{
    /// <summary>The sum over the given axes, or over all when none is given; negative numbers count from the end.</summary>
    public Value Sum(ReadOnlySpan<int> axes = default, bool keepAxes = false) => new Sum(Mask(axes), keepAxes).Apply(this);

    /// <summary>The mean over the given axes, or over all when none is given; over nothing it is NaN.</summary>
    public Value Mean(ReadOnlySpan<int> axes = default, bool keepAxes = false)
    {
        Value sum = Sum(axes, keepAxes);
        return sum.Scale(sum.Shape.ElementCount == 0 ? 1 : 1 / ((double)Shape.ElementCount / sum.Shape.ElementCount));
    }

    private uint Mask(ReadOnlySpan<int> axes)
    {
        uint mask = axes.IsEmpty ? uint.MaxValue : 0;
        foreach (int axis in axes) mask |= 1u << Shape.Axis(axis);
        return mask;
    }
}
