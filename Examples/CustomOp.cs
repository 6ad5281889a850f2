using AutogradCore.Checking;

namespace AutogradCore.Examples;

/// <summary>y = x·|x|;  dx = 2·|x|·dy: an op written outside the library, split and checked like any other.</summary>
public sealed class SignedSquare : Op
{
    /// <inheritdoc/>
    public override void Infer(Signature s)
    {
        s.RequireCount(1, 1);
        s.Output(s[0], s.RequireFloating());
    }

    /// <inheritdoc/>
    public override void Forward(in ForwardContext c) => c.Backend.Map<Function>(c[0], Destination.Into(c.Y));

    /// <inheritdoc/>
    public override Reads Reads(int operand) => AutogradCore.Reads.Operand(0);

    /// <inheritdoc/>
    public override void Gradient(in GradientContext c)
    {
        if (c.Wants(0, out Destination dx)) c.Backend.Zip<Rule>(c[0], c.Dy, dx);
    }

    public readonly struct Function : IUnary<Function>
    {
        public static T Apply<T>(T x) where T : unmanaged, System.Numerics.IFloatingPointIeee754<T> => x * T.Abs(x);
    }

    public readonly struct Rule : IBinary<Rule>
    {
        public static T Apply<T>(T x, T dy) where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
            => (T.Abs(x) + T.Abs(x)) * dy;
    }
}

/// <summary>Checks the op against finite differences, and the laws of the split.</summary>
public static class CustomOp
{
    /// <summary>Runs the check, writing its report.</summary>
    public static void Run(TextWriter output)
    {
        GradCheckReport report = GradCheck.Run(
            "SignedSquare", v => new SignedSquare().Apply(v[0]), CheckOperand.Distinct("x", [3, 4]));
        output.WriteLine(report);
        report.ThrowIfWrong();
    }
}
