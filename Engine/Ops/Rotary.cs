using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>Rotary position embedding: pairs (i, i + D/2) of each head turn by an angle that grows with the position;
/// dx turns dy back.  x:[B,T,H,D]</summary>
/// <param name="options">Base, first position and direction.</param>
/// <remarks>Su et al. 2021.</remarks>
public sealed class Rotary(RotaryOptions options) : Op
{
    /// <inheritdoc/>
    public override string OperandName(int index) => "x";

    /// <inheritdoc/>
    public override void Infer(Signature s)
    {
        s.RequireCount(1, 1);
        DType dtype = s.RequireFloating();
        s.RequireRank(0, 4, 4);
        s.Require(s[0].Last % 2 == 0, $"the head size D = {s[0].Last} must be even.");
        s.Output(s[0], dtype);
    }

    /// <inheritdoc/>
    public override void Forward(in ForwardContext c) => c.Backend.Rotary(c[0], options, Into(c.Y));

    /// <inheritdoc/>
    public override void Gradient(in GradientContext c)
    {
        if (c.Wants(0, out Destination dx)) c.Backend.Rotary(c.Dy, options with { Inverse = !options.Inverse }, dx);
    }
}

public readonly partial struct Value
{
    /// <summary>Turns each head of this:[B,T,H,D] by its position.</summary>
    public Value Rotary(RotaryOptions? options = null) => new Rotary(options ?? new RotaryOptions()).Apply(this);
}
