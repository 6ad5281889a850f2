using AutogradCore.Checking;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Checking;

public sealed class OpCatalogTests
{
    private static IEnumerable<TestCaseData> Samples
        => OpCatalog.Samples.Select((s, i) => new TestCaseData(s).SetArgDisplayNames($"{i}: {s.Name}"));

    private static IEnumerable<TestCaseData> Errors
        => OpCatalog.Errors.Select((e, i) => new TestCaseData(e).SetArgDisplayNames($"{i}: {e.Op.Name}, {e.Problem}"));

    private static IEnumerable<Type> Ops
        => typeof(Op).Assembly.GetExportedTypes().Where(t => !t.IsAbstract && t.IsSubclassOf(typeof(Op)));

    [TestCaseSource(nameof(Samples))]
    public void Every_gradient_is_right_every_law_of_the_split_holds_and_nothing_is_kept_for_nothing(OpSample sample)
    {
        GradCheckReport report = sample.Check();
        Assert.That(report.Passed, report.ToString);
        Assert.That(report.OverDeclared, Is.Empty, report.ToString);
    }

    [TestCaseSource(nameof(Samples))]
    public void A_sample_is_named_after_its_op_and_uses_it(OpSample sample)
    {
        using ReferenceBackend backend = new();
        using Graph graph = new(backend);
        sample.Apply([.. sample.Operands.Select(o => graph.Placeholder(o.Shape, o.DType, name: o.Name))]);
        Assert.That(graph.Nodes.Select(n => n.Op?.GetType()), Does.Contain(sample.Op));
        Assert.That(sample.Op.Name, Does.StartWith(sample.Name.Split(':')[0]));
    }

    [TestCaseSource(nameof(Errors))]
    public void A_wrong_use_is_refused_with_the_picture(OpErrorSample sample)
    {
        using ReferenceBackend backend = new();
        using Graph graph = new(backend);
        AutogradException error = Assert.Catch<AutogradException>(() => sample.Apply(graph))!;
        Assert.That(error, Is.TypeOf(sample.Error));
        Assert.That(error.Message, Does.Contain(sample.Says));
    }

    [TestCaseSource(nameof(Ops))]
    public void Every_op_has_correct_and_wrong_uses_in_the_catalogue(Type op)
    {
        Assert.That(OpCatalog.Samples.Select(s => s.Op), Does.Contain(op), $"{op.Name} has no sample");
        Assert.That(OpCatalog.Errors.Select(e => e.Op), Does.Contain(op), $"{op.Name} has no wrong use");
    }

    [Test]
    public void Names_of_samples_are_unique() => Assert.That(OpCatalog.Samples.Select(s => s.Name), Is.Unique);
}
