using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>y = mask ? a : b, broadcasting;  da = mask ? dy : 0;  db = mask ? 0 : dy.
/// mask is Bool and has no gradient.</summary>
public sealed class WhereOp : Op
{
    private const int Mask = 0, A = 1, B = 2;

    /// <summary>The op; it has no settings.</summary>
    public static WhereOp Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "Where";

    /// <inheritdoc/>
    public override string OperandName(int index) => index switch { Mask => "mask", A => "a", _ => "b" };

    /// <inheritdoc/>
    public override void Infer(Signature s)
    {
        s.RequireCount(3, 3);
        s.RequireDType(Mask, DType.Bool);
        DType dtype = s.RequireFloating(A, B);
        Shape? shape = Shape.Broadcast(s[A], s[B]) is { } values ? Shape.Broadcast(s[Mask], values) : null;
        s.Require(
            shape is not null, "the shapes do not broadcast.", "axes are aligned at the inner end; lengths must agree or be 1");
        s.Output(shape!.Value, dtype);
    }

    /// <inheritdoc/>
    public override void Forward(in ForwardContext c) => c.Backend.Where(c[Mask], c[A], c[B], Into(c.Y));

    /// <inheritdoc/>
    public override Reads Reads(int operand) => AutogradCore.Reads.Operand(Mask);

    /// <inheritdoc/>
    public override void Gradient(in GradientContext c)
    {
        if (c.Wants(A, out Destination da)) Select(c, c.Dy, default, da);
        if (c.Wants(B, out Destination db)) Select(c, default, c.Dy, db);
    }

    private static void Select(in GradientContext c, in View a, in View b, in Destination d)
    {
        if (d.View.Shape == c.OutputShape())
        {
            c.Backend.Where(c[Mask], a, b, d);
            return;
        }
        using Temporary full = c.Scratch(c.OutputShape(), d.View.DType);
        c.Backend.Where(c[Mask], a, b, Into(full.View));
        c.Backend.Sum(full.View, d);
    }
}

public readonly partial struct Value
{
    /// <summary>mask ? a : b, elementwise, broadcasting; mask is Bool.</summary>
    public static Value Where(Value mask, Value a, Value b) => WhereOp.Instance.Apply(mask, a, b);

    /// <summary>The elements where <paramref name="mask"/> is false, and <paramref name="value"/> where it is true.</summary>
    public Value MaskedFill(Value mask, double value)
    {
        Value constant = DType switch
        {
            DType.Float64 => Graph.Constant<double>([value], Shape.Scalar),
            DType.BFloat16 => Graph.Constant<BFloat16>([(BFloat16)(float)value], Shape.Scalar),
            _ => Graph.Constant<float>([(float)value], Shape.Scalar),
        };
        return Where(mask, constant, this);
    }
}
