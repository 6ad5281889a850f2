using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>y[n] = W[ids[n]];  dW[ids[n]] += dy[n], n ascending.  W:[V,C]  ids:[..] Int32  y:[..,C]</summary>
public sealed class EmbeddingOp : Op
{
    private const int Table = 0, Ids = 1;

    /// <summary>The op; it has no settings.</summary>
    public static EmbeddingOp Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "Embedding";

    /// <inheritdoc/>
    public override string OperandName(int index) => index == Table ? "W" : "ids";

    /// <inheritdoc/>
    public override void Infer(Signature s)
    {
        s.RequireCount(2, 2);
        DType dtype = s.RequireFloating(Table);
        s.RequireDType(Ids, AutogradCore.DType.Int32);
        s.RequireRank(Table, 2, 2);
        s.Output(s[Ids].Append(s[Table][1]), dtype);
    }

    /// <inheritdoc/>
    public override void Forward(in ForwardContext c)
    {
        View ids = Flat(c[Ids]);
        c.Backend.Gather(c[Table], ids, Into(c.Y.Reshape([ids.Shape[0], c.Y.Shape.Last])));
    }

    /// <inheritdoc/>
    public override Reads Reads(int operand) => AutogradCore.Reads.Operand(Ids);

    /// <inheritdoc/>
    public override void Gradient(in GradientContext c)
    {
        if (!c.Wants(Table, out Destination dtable)) return;
        View ids = Flat(c[Ids]);
        c.Backend.ScatterAdd(c.Dy.Reshape([ids.Shape[0], c.ShapeOf(Table)[1]]), ids, dtable);
    }

    private static View Flat(in View x) => x.Reshape([x.Shape.ElementCount]);
}

public readonly partial struct Value
{
    /// <summary>The rows of this table:[V,C] that ids:[..] (Int32) name; result [..,C].</summary>
    public Value Embedding(Value ids) => EmbeddingOp.Instance.Apply(this, ids);
}
