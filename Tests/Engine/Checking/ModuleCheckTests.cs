using AutogradCore.Checking;
using AutogradCore.Nn;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Checking;

/// <summary>Layers and models are checked as they are written: freshly built, with all their parameters.</summary>
[Parallelizable]
public sealed class ModuleCheckTests
{
    private static readonly GptConfig Tiny = new(Vocabulary: 5, Context: 4, Layers: 2, Heads: 2, Features: 4, KeyHeads: 1);

    private static CheckOperand X(params ReadOnlySpan<int> shape) => CheckOperand.Random("x", Shape.Of(shape));

    private static IEnumerable<TestCaseData> Layers =>
    [
        new TestCaseData(new Linear(3, 2), X(4, 3)).SetArgDisplayNames("Linear"),
        new TestCaseData(new Linear(3, 2, bias: false), X(2, 2, 3)).SetArgDisplayNames("Linear without bias"),
        new TestCaseData(new LayerNorm(5), X(3, 5)).SetArgDisplayNames("LayerNorm"),
        new TestCaseData(new RmsNorm(5), X(3, 5)).SetArgDisplayNames("RmsNorm"),
        new TestCaseData(new Embedding(4, 3), CheckOperand.Integers("ids", [3], 0, 2, 2)).SetArgDisplayNames("Embedding"),
        new TestCaseData(new MultiHeadAttention(4, 2, keyHeads: 1), X(2, 3, 4)).SetArgDisplayNames("MultiHeadAttention"),
        new TestCaseData(new TransformerBlock(4, 2, dropout: 0.25), X(1, 3, 4))
            .SetArgDisplayNames("TransformerBlock with dropout"),
    ];

    [TestCaseSource(nameof(Layers))]
    public void A_layer_has_right_gradients_of_input_and_parameters_and_obeys_the_laws(Module layer, CheckOperand input)
    {
        GradCheckReport report = GradCheck.Run("layer", layer, input);
        Assert.That(report.Passed, report.ToString);
        Assert.That(report.Operands.Select(o => o.Operand),
            Is.EqualTo((input.IsChecked ? ["x"] : Array.Empty<string>()).Concat(layer.Parameters().Select(p => p.Name))));
    }

    [Test]
    public void A_whole_model_has_right_gradients_of_every_parameter_and_obeys_the_laws()
    {
        using Gpt model = new(Tiny);
        GradCheckReport report = GradCheck.Run("gpt", model,
            v => model.Forward(v[0]).CrossEntropy(v[1], new(LabelSmoothing: 0.1)),
            CheckOperand.Integers("ids", [2, 4], 0, 1, 2, 3, 4, 4, 0, 2),
            CheckOperand.Integers("targets", [2, 4], 1, 2, 3, 4, 4, 0, 2, 1));
        Assert.That(report.Passed, report.ToString);
        Assert.That(report.Operands.Select(o => o.Operand),
            Does.Contain("layers.1.attention.query.weight").And.Contain("layers.0.position"));
        Assert.That(report.Operands, Has.Count.EqualTo(model.Parameters().Count));
        Assert.That(report.Operands.Select(o => o.WorstError), Has.Some.GreaterThan(0),
            "the stencil is an independent measurement");
    }

    private sealed class Gain(Op product) : Module
    {
        public Parameter Weight { get; } = new([1, 2], Initializer.Ones);

        public override Value Forward(Value x) => product.Apply(x, x.Graph.Parameter(Weight));
    }

    [Test]
    public void A_wrong_rule_is_reported_for_the_path_of_its_parameter()
    {
        using Sequential model = new(new Linear(3, 2), new Gain(new ScaledRule()));
        GradCheckReport report = GradCheck.Run("model", model, X(1, 3));
        Assert.That(report.Operands.Where(o => o.Verdict == Verdict.Wrong).Select(o => o.Operand),
            Is.EqualTo(new[] { "layers.1.weight" }));
    }

    private sealed class Forgetful : Op
    {
        public override void Infer(Signature s) => s.Output(s[0], s.RequireFloating());

        public override void Forward(in ForwardContext c) => c.Backend.Zip<Multiply.Function>(c[0], c[1], Destination.Into(c.Y));

        public override Reads Reads(int operand) => operand == 1 ? AutogradCore.Reads.Operand(0) : AutogradCore.Reads.Nothing;

        public override void Gradient(in GradientContext c)
        {
            if (c.Wants(0, out Destination dx)) c.Backend.Copy(c.Dy, dx);
            if (c.Wants(1, out Destination dw)) c.Backend.Zip<Multiply.Function>(c.Dy, c[0], dw);
        }
    }

    [Test]
    public void A_factor_that_a_fresh_gain_of_one_would_hide_is_found()
    {
        using Gain model = new(new Forgetful());
        GradCheckReport report = GradCheck.Run("gain", model, X(1, 2));
        Assert.That(report.Operands.Where(o => o.Verdict == Verdict.Wrong).Select(o => o.Operand),
            Is.EqualTo(new[] { "x" }));
    }

    [Test]
    public void A_checked_module_is_as_fresh_as_before_and_keeps_its_frozen_parameters()
    {
        using ReferenceBackend backend = new();
        using Linear layer = new(3, 2);
        layer.Bias!.Trainable = false;
        GradCheck.Run(backend, "linear", layer, v => [layer.Forward(v[0])], new GradCheckOptions(), X(4, 3)).ThrowIfWrong();
        Assert.That(backend.Memory.Outstanding, Is.Zero);
        Assert.That(layer.Parameters().Select(p => p.IsInitialized), Is.All.False);
        Assert.That((layer.Weight.Trainable, layer.Bias.Trainable), Is.EqualTo((true, false)));
        layer.Initialize(backend, seed: 1);
    }

    [Test]
    public void An_initialised_module_is_refused_with_what_to_pass_instead()
    {
        using ReferenceBackend backend = new();
        using Linear layer = new(3, 2);
        layer.Initialize(backend, seed: 1);
        ModelException error = Assert.Throws<ModelException>(() => GradCheck.Run("linear", layer, X(4, 3)))!;
        Assert.That(error.Message, Does.Contain("'linear'").And.Contain("'weight' is initialised already"));
        Assert.That(error.Hint, Does.Contain("freshly built"));
    }

    [Test]
    public void A_module_takes_one_input_unless_a_function_says_what_becomes_of_more()
    {
        using Linear layer = new(3, 2);
        Assert.That(() => GradCheck.Run("linear", layer, X(4, 3), X(4, 3)),
            Throws.TypeOf<GradCheckSetupException>().With.Message.Contains("2 inputs")
                .And.Message.Contains("function of several inputs"));
        GradCheck.Run("two", layer, v => layer.Forward(v[0]) * v[1], X(4, 3), CheckOperand.Random("y", [4, 2])).ThrowIfWrong();
    }
}
