using System.Numerics;
using AutogradCore.Checking;
using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Engine.Checking;

/// <summary>Ops written outside the library need one small class each,
/// and are split without doing anything for it (pytorch#166577).</summary>
public sealed class UserOpTests
{
    /// <summary>y = log(1 + eˣ);  dx = dy·σ(x)</summary>
    private sealed class Softplus : Elementwise<Softplus.Function, Softplus.Rule>
    {
        public readonly struct Function : IUnary<Function>
        {
            public static T Apply<T>(T x) where T : unmanaged, IFloatingPointIeee754<T>
                => T.Max(x, T.Zero) + T.LogP1(T.Exp(-T.Abs(x)));
        }

        public readonly struct Rule : IBinary<Rule>
        {
            public static T Apply<T>(T x, T dy) where T : unmanaged, IFloatingPointIeee754<T> => dy / (T.One + T.Exp(-x));
        }
    }

    /// <summary>y = x ⊙ scale + shift, row by row.  x:[N,C]  scale, shift:[C].
    /// dx = dy ⊙ scale;  dscale = Σ dy ⊙ x;  dshift = Σ dy</summary>
    private sealed class ScaleShift : Op
    {
        public override string OperandName(int index) => index switch { 0 => "x", 1 => "scale", _ => "shift" };

        public override void Infer(Signature s)
        {
            s.RequireCount(3, 3);
            s.RequireEqual("C", 0, s[0].Last, 1, s[1].Last);
            s.Output(s[0], s.RequireFloating());
        }

        public override void Forward(in ForwardContext c)
        {
            c.Backend.Zip<Multiply.Function>(c[0], c[1], Into(c.Y));
            c.Backend.Copy(c[2].BroadcastTo(c.Y.Shape), AddTo(c.Y));
        }

        public override Reads Reads(int operand) => operand == 2
            ? AutogradCore.Reads.Nothing
            : AutogradCore.Reads.Operand(1 - operand);

        public override void Gradient(in GradientContext c)
        {
            if (c.Wants(0, out Destination dx)) c.Backend.Zip<Multiply.Function>(c.Dy, c[1], dx);
            if (c.Wants(1, out Destination dscale))
            {
                using Temporary product = c.Scratch(c.OutputShape(), c.DTypeOf(0));
                c.Backend.Zip<Multiply.Function>(c.Dy, c[0], Into(product.View));
                c.Backend.Sum(product.View, dscale);
            }
            if (c.Wants(2, out Destination dshift)) c.Backend.Sum(c.Dy, dshift);
        }
    }

    [Test]
    public void An_elementwise_op_of_a_user_passes_the_check() =>
        GradCheck.Run("softplus", v => new Softplus().Apply(v[0]), CheckOperand.Random("x", [3, 4], -4, 4)).ThrowIfWrong();

    [Test]
    public void An_op_of_several_operands_passes_the_check_and_declares_no_more_than_it_reads()
    {
        GradCheckReport report = GradCheck.Run("scale and shift", v => new ScaleShift().Apply(v[0], v[1], v[2]),
            CheckOperand.Random("x", [4, 3]), CheckOperand.Random("scale", [3]), CheckOperand.Random("shift", [3]));
        Assert.That(report.Passed, report.ToString);
        Assert.That(report.OverDeclared, Is.Empty);
    }

    [Test]
    public void An_op_of_a_user_is_split_by_the_graph()
    {
        using ReferenceBackend backend = new();
        using Parameter scale = Parameter.From<float>(backend, [2, 3], [2]), shift = Parameter.From<float>(backend, [1, 1], [2]);
        using Graph graph = new(backend);
        Value x = graph.Input<float>([1, 2, 3, 4], [2, 2], differentiable: true);
        graph.BackwardInputs(new ScaleShift().Apply(x, graph.Parameter(scale), graph.Parameter(shift)).Sum());
        Assert.That(x.Gradient.Span<float>().ToArray(), Is.EqualTo(new float[] { 2, 3, 2, 3 }));
        Assert.That(scale.HasGradient || shift.HasGradient, Is.False);
        graph.BackwardWeights();
        Assert.That(scale.Gradient.ToArray<float>(), Is.EqualTo(new float[] { 4, 6 }));
        Assert.That(shift.Gradient.ToArray<float>(), Is.EqualTo(new float[] { 2, 2 }));
    }

    [Test]
    public void An_op_without_rules_says_which_one_is_missing()
    {
        using ReferenceBackend backend = new();
        using Graph graph = new(backend);
        Value x = graph.Input<float>([1], Shape.Scalar, differentiable: true);
        Assert.That(() => graph.Forward(new Ruleless().Apply(x)),
            Throws.TypeOf<OpContractException>().With.Message.Contains("Ruleless has no forward rule"));
    }

    private sealed class Ruleless : Op
    {
        public override void Infer(Signature signature) => signature.Output(signature[0], signature.DType(0));
    }
}
