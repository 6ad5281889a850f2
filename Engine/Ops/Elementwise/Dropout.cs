using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>y = x ⊙ m / (1-p), m = 1 with probability 1-p;  dx = dy ⊙ m / (1-p)</summary>
/// <remarks>The mask is drawn again from the counter instead of being kept: the rule reads nothing.</remarks>
public sealed class Dropout : Op
{
    private readonly double _p;
    private readonly ulong _layer;

    /// <summary>Drops with probability <paramref name="p"/>, drawing from the stream of <paramref name="layer"/>.</summary>
    /// <exception cref="ModelException">p lies outside [0,1].</exception>
    public Dropout(double p, ulong layer)
    {
        (_p, _layer) = (Checked(p), layer);
    }

    /// <summary>A probability in [0,1].</summary>
    /// <exception cref="ModelException">It is not.</exception>
    internal static double Checked(double p) => p is >= 0 and <= 1
        ? p
        : throw new ModelException($"Dropout with probability {p}.", "use a value from 0 to 1");

    /// <inheritdoc/>
    public override string OperandName(int index) => "x";

    /// <inheritdoc/>
    public override void Infer(Signature s)
    {
        s.RequireCount(1, 1);
        s.Output(s[0], s.RequireFloating());
    }

    /// <inheritdoc/>
    public override void Forward(in ForwardContext c) => c.Backend.Dropout(c[0], _p, c.Random(_layer), Into(c.Y));

    /// <inheritdoc/>
    public override void Gradient(in GradientContext c)
    {
        if (c.Wants(0, out Destination dx)) c.Backend.Dropout(c.Dy, _p, c.Random(_layer), dx);
    }
}

public readonly partial struct Value
{
    /// <summary>Zeroes elements with probability <paramref name="p"/> and scales the others by 1/(1-p).
    /// Uses of one layer key in a recording draw from streams of their own.</summary>
    public Value Dropout(double p, ulong layer) => p == 0 ? this : new Dropout(p, Graph.RandomKey(layer)).Apply(this);
}
