using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>y = A·B over the two inner axes, either stored transposed; outer axes broadcast.
/// A:[..,M,K]  B:[..,K,N]  y:[..,M,N]</summary>
public sealed class MatMul : Op
{
    private readonly bool _transposeA, _transposeB;

    private MatMul(bool transposeA, bool transposeB) => (_transposeA, _transposeB) = (transposeA, transposeB);

    /// <summary>A·B, both as stored.</summary>
    public static MatMul Plain { get; } = new(false, false);

    /// <summary>The op for operands stored as given.</summary>
    public static MatMul For(bool transposeA, bool transposeB) =>
        transposeA || transposeB ? new MatMul(transposeA, transposeB) : Plain;

    /// <inheritdoc/>
    public override void Infer(Signature s)
    {
        s.RequireCount(2, 2);
        DType dtype = s.RequireFloating();
        s.RequireRank(0, 2);
        s.RequireRank(1, 2);
        (int m, int ka) = _transposeA ? (s[0][^1], s[0][^2]) : (s[0][^2], s[0][^1]);
        (int kb, int n) = _transposeB ? (s[1][^1], s[1][^2]) : (s[1][^2], s[1][^1]);
        s.RequireEqual("K", 0, ka, 1, kb, "is one of them stored transposed? pass transposeA or transposeB");
        Shape? outer = Shape.Broadcast(s[0].Take(s[0].Rank - 2), s[1].Take(s[1].Rank - 2));
        s.Require(outer is not null, "their outer axes do not broadcast.");
        s.Output(outer!.Value.Append(m).Append(n), dtype);
    }

    /// <inheritdoc/>
    public override void Forward(in ForwardContext c) => c.Backend.Gemm(A(c[0]), B(c[1]), Into(c.Y));

    /// <inheritdoc/>
    public override Reads Reads(int operand) => AutogradCore.Reads.Operand(1 - operand);

    /// <inheritdoc/>
    public override void Gradient(in GradientContext c)
    {
        if (c.Wants(0, out Destination da))
        {
            if (_transposeA) Product(c, B(c[1]), c.Dy.T, da);
            else Product(c, c.Dy, B(c[1]).T, da);
        }
        if (c.Wants(1, out Destination db))
        {
            if (_transposeB) Product(c, c.Dy.T, A(c[0]), db);
            else Product(c, A(c[0]).T, c.Dy, db);
        }
    }

    /// <inheritdoc/>
    public override long GradientCost(Node node, int operand) =>
        2L * node.Output(0).Shape.ElementCount * (_transposeA ? node.Operands[0].Shape[^2] : node.Operands[0].Shape[^1]);

    /// <summary>A product whose outer axes may have been broadcast from those of the destination: then they are summed.</summary>
    private static void Product(in GradientContext c, in View a, in View b, in Destination d)
    {
        Shape outer = Shape.Broadcast(a.Shape.Take(a.Shape.Rank - 2), b.Shape.Take(b.Shape.Rank - 2))!.Value;
        Shape full = outer.Append(a.Shape[^2]).Append(b.Shape[^1]);
        if (full == d.View.Shape)
        {
            c.Backend.Gemm(a, b, d);
            return;
        }
        using Temporary product = c.Scratch(full, d.View.DType);
        c.Backend.Gemm(a, b, Into(product.View));
        c.Backend.Sum(product.View, d);
    }

    private View A(in View a) => _transposeA ? a.T : a;

    private View B(in View b) => _transposeB ? b.T : b;
}

public readonly partial struct Value
{
    /// <summary>The matrix product over the two inner axes; outer axes broadcast.
    /// A transposed operand is stored with its two inner axes exchanged.</summary>
    public Value MatMul(Value other, bool transposeA = false, bool transposeB = false) =>
        AutogradCore.MatMul.For(transposeA, transposeB).Apply(this, other);
}
