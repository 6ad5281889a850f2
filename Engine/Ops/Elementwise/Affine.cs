using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>y = scale·x + shift;  dx = scale·dy</summary>
/// <param name="scale">The factor.</param>
/// <param name="shift">The term added.</param>
public sealed class Affine(double scale, double shift) : Op
{
    /// <inheritdoc/>
    public override string OperandName(int index) => "x";

    /// <inheritdoc/>
    public override void Infer(Signature s)
    {
        s.RequireCount(1, 1);
        s.Output(s[0], s.RequireFloating());
    }

    /// <inheritdoc/>
    public override void Forward(in ForwardContext c) => c.Backend.Affine(c[0], scale, shift, Into(c.Y));

    /// <inheritdoc/>
    public override void Gradient(in GradientContext c)
    {
        if (c.Wants(0, out Destination dx)) c.Backend.Affine(c.Dy, scale, 0, dx);
    }
}

public readonly partial struct Value
{
    /// <summary>scale·x, elementwise.</summary>
    public Value Scale(double scale) => new Affine(scale, 0).Apply(this);

    /// <summary>-x</summary>
    public static Value operator -(Value x) => x.Scale(-1);

    /// <summary>scale·x</summary>
    public static Value operator *(Value x, double scale) => x.Scale(scale);

    /// <summary>scale·x</summary>
    public static Value operator *(double scale, Value x) => x.Scale(scale);

    /// <summary>x / divisor</summary>
    public static Value operator /(Value x, double divisor) => x.Scale(1 / divisor);

    /// <summary>x + shift</summary>
    public static Value operator +(Value x, double shift) => new Affine(1, shift).Apply(x);

    /// <summary>shift + x</summary>
    public static Value operator +(double shift, Value x) => x + shift;

    /// <summary>x - shift</summary>
    public static Value operator -(Value x, double shift) => new Affine(1, -shift).Apply(x);

    /// <summary>term - x</summary>
    public static Value operator -(double term, Value x) => new Affine(-1, term).Apply(x);
}
