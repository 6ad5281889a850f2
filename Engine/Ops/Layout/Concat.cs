using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>Tensors one after another along an axis;  each operand's gradient is its part of dy.</summary>
/// <param name="axis">The axis; negative counts from the end.</param>
public sealed class Concat(int axis) : Op
{
    /// <inheritdoc/>
    public override string OperandName(int index) => $"x{index}";

    /// <inheritdoc/>
    public override void Infer(Signature s)
    {
        int along = s[0].Axis(axis), total = 0;
        for (int i = 0; i < s.Count; i++)
        {
            s.Require(s.DType(i) == s.DType(0), $"x{i} is {s.DType(i)}, x0 is {s.DType(0)}.");
            s.Require(s[i].Rank == s[0].Rank, $"x{i} has {s[i].Rank} axes, x0 has {s[0].Rank}.");
            s.Require(s[i].With(along, s[0][along]) == s[0], $"x0 and x{i} differ in an axis other than {along}.");
            total = checked(total + s[i][along]);
        }
        s.Output(s[0].With(along, total), s.DType(0));
    }

    /// <inheritdoc/>
    public override void Forward(in ForwardContext c)
    {
        for (int i = 0, start = 0; i < c.Count; i++)
        {
            View x = c[i];
            int along = x.Shape.Axis(axis);
            c.Backend.Copy(x, Into(c.Y.Slice(along, start, x.Shape[along])));
            start += x.Shape[along];
        }
    }

    /// <inheritdoc/>
    public override void Gradient(in GradientContext c)
    {
        for (int i = 0, start = 0; i < c.Count; i++)
        {
            int along = c.ShapeOf(i).Axis(axis), length = c.ShapeOf(i)[along];
            if (c.Wants(i, out Destination dx)) c.Backend.Copy(c.Dy.Slice(along, start, length), dx);
            start += length;
        }
    }
}

public readonly partial struct Value
{
    /// <summary>Joins values along an axis; all other lengths must agree.</summary>
    public static Value Concat(int axis, params ReadOnlySpan<Value> values) => new Concat(axis).Apply(values);
}
