using static AutogradCore.Destination;

namespace AutogradCore.Tests.Engine.Checking;

/// <summary>y = a ⊙ b done right, so that each mutant below differs in one thing.</summary>
internal class Product : Op
{
    public override void Infer(Signature s)
    {
        s.RequireCount(2, 2);
        s.Output(s[0], s.RequireFloating());
    }

    public override void Forward(in ForwardContext c) => c.Backend.Zip<Multiply.Function>(c[0], c[1], Into(c.Y));

    public override Reads Reads(int operand) => AutogradCore.Reads.Operand(1 - operand);

    public override void Gradient(in GradientContext c)
    {
        if (c.Wants(0, out Destination da)) Rule(c, c[1], da);
        if (c.Wants(1, out Destination db)) Rule(c, c[0], db);
    }

    protected static void Rule(in GradientContext c, in View other, in Destination d)
        => c.Backend.Zip<Multiply.Function>(c.Dy, other, d);
}

/// <summary>The rule of b is off by a thousandth.</summary>
internal sealed class ScaledRule : Product
{
    public override void Gradient(in GradientContext c)
    {
        if (c.Wants(0, out Destination da)) Rule(c, c[1], da);
        if (!c.Wants(1, out Destination db)) return;
        using Temporary right = c.Scratch(c.ShapeOf(1), c.DTypeOf(1));
        Rule(c, c[0], Into(right.View));
        c.Backend.Affine(right.View, 1.001, 0, db);
    }
}

/// <summary>The rule of b overwrites where it should add.</summary>
internal sealed class OverwritingRule : Product
{
    public override void Gradient(in GradientContext c)
    {
        if (c.Wants(0, out Destination da)) Rule(c, c[1], da);
        if (c.Wants(1, out Destination db)) Rule(c, c[0], Into(db.View));
    }
}

/// <summary>The rule of b reads b, and nobody was told.</summary>
internal sealed class UndeclaredRead : Product
{
    public override void Gradient(in GradientContext c)
    {
        if (c.Wants(0, out Destination da)) Rule(c, c[1], da);
        if (!c.Wants(1, out Destination db)) return;
        _ = c[1];
        Rule(c, c[0], db);
    }
}

/// <summary>Forward remembers where its operands lay, and the rules read them there without declaring it.</summary>
internal sealed class StaleView : Product
{
    private View _a, _b;

    public override void Forward(in ForwardContext c)
    {
        (_a, _b) = (c[0], c[1]);
        base.Forward(c);
    }

    public override Reads Reads(int operand) => AutogradCore.Reads.Nothing;

    public override void Gradient(in GradientContext c)
    {
        if (c.Wants(0, out Destination da)) Rule(c, _b, da);
        if (c.Wants(1, out Destination db)) Rule(c, _a, db);
    }
}

/// <summary>All rules are said to read everything.</summary>
internal sealed class OverDeclaredRead : Product
{
    public override Reads Reads(int operand)
        => AutogradCore.Reads.Operand(0) | AutogradCore.Reads.Operand(1) | AutogradCore.Reads.Output();
}

/// <summary>b has no gradient rule.</summary>
internal sealed class MissingRule : Product
{
    public override string OperandName(int index) => index == 0 ? "left" : "right";

    public override void Gradient(in GradientContext c)
    {
        if (c.Wants(0, out Destination da)) Rule(c, c[1], da);
    }
}

/// <summary>y = x·Wᵀ whose input rule forgets that W was transposed; W is square, so no shape gives it away.</summary>
internal sealed class DroppedTranspose : Op
{
    public override string OperandName(int index) => index == 0 ? "x" : "W";

    public override void Infer(Signature s) => s.Output([s[0][0], s[1][0]], s.RequireFloating());

    public override void Forward(in ForwardContext c) => c.Backend.Gemm(c[0], c[1].T, Into(c.Y));

    public override Reads Reads(int operand) => AutogradCore.Reads.Operand(1 - operand);

    public override void Gradient(in GradientContext c)
    {
        if (c.Wants(0, out Destination dx)) c.Backend.Gemm(c.Dy, c[1].T, dx);
        if (c.Wants(1, out Destination dw)) c.Backend.Gemm(c.Dy.T, c[0], dw);
    }
}
