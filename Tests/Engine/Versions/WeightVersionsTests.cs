using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

public sealed class WeightVersionsTests
{
    private readonly ReferenceBackend _backend = new();
    private Parameter _w = null!, _frozen = null!;
    private WeightVersions _versions = null!;

    [SetUp]
    public void MakeOneVersion()
    {
        _w = Parameter.From<float>(_backend, [2], [1]);
        _frozen = Parameter.From<float>(_backend, [5], [1], "frozen");
        _frozen.Trainable = false;
        _versions = new WeightVersions([_w, _frozen]);
    }

    [TearDown]
    public void FreeAll()
    {
        _versions.Dispose();
        _w.Dispose();
        _frozen.Dispose();
        Assert.That(_backend.Memory.Outstanding, Is.Zero);
    }

    [OneTimeTearDown]
    public void FreeBackend() => _backend.Dispose();

    [Test]
    public void A_graph_in_flight_finishes_on_the_version_it_started_with()
    {
        using Graph graph = new(_backend);
        Value x = graph.Input<float>([3], [1], differentiable: true);
        Value y = graph.Parameter(_w) * x * graph.Parameter(_w);
        graph.Forward(y);
        _versions.Retain(0);
        MakeNext(7, firstNeeded: 0);
        graph.Seed(y);
        graph.Backward();
        Assert.That(x.Gradient.Span<float>().ToArray(), Is.EqualTo(new[] { 4f }), "w² at w = 2");
        Assert.That(_w.Gradient.ToArray<float>(), Is.EqualTo(new[] { 12f }), "2·w·x at w = 2");
        Assert.That(_w.Data.ToArray<float>(), Is.EqualTo(new[] { 7f }));
    }

    [Test]
    public void A_version_whose_memory_went_to_a_later_one_is_noticed_by_a_graph_that_still_reads_it()
    {
        using Graph graph = new(_backend);
        Value x = graph.Input<float>([3], [1], differentiable: true), y = graph.Parameter(_w) * x;
        graph.Forward(y);
        MakeNext(7, firstNeeded: 0);
        MakeNext(8, firstNeeded: 1);
        graph.Seed(y);
        Assert.That(() => graph.BackwardInputs(), Throws.TypeOf<GraphException>().With.Message.Contains("changed between F"));
    }

    [Test]
    public void Two_tensors_take_turns_and_a_parameter_without_an_update_is_shared()
    {
        Tensor first = _w.Data;
        MakeNext(7, firstNeeded: 0);
        Tensor second = _w.Data;
        MakeNext(8, firstNeeded: 1);
        Assert.That(_w.Data, Is.SameAs(first));
        MakeNext(9, firstNeeded: 2);
        Assert.That(_w.Data, Is.SameAs(second));
        Assert.That((_versions.Count, _versions.Oldest, _versions.Newest), Is.EqualTo((2, 2, 3)));
        Assert.That(_versions[2][1], Is.SameAs(_versions[3][1]));
        Assert.That(_versions[2][0].ToArray<float>(), Is.EqualTo(new[] { 8f }));
    }

    [Test]
    public void A_newest_version_that_nobody_needs_is_updated_in_place()
    {
        Tensor only = _w.Data;
        MakeNext(7, firstNeeded: 1);
        Assert.That(_w.Data, Is.SameAs(only));
        Assert.That((_versions.Count, _versions.Newest), Is.EqualTo((1, 1)));
    }

    [Test]
    public void A_version_with_readers_outlives_later_ones()
    {
        _versions.Retain(0);
        MakeNext(7, firstNeeded: 1);
        MakeNext(8, firstNeeded: 2);
        Assert.That((_versions.Count, _versions.Oldest), Is.EqualTo((2, 0)));
        _versions.Show(0);
        Assert.That(_w.Data.ToArray<float>(), Is.EqualTo(new[] { 2f }));
        _versions.Release(0);
        _versions.Forget(2);
        Assert.That(_versions.Count, Is.EqualTo(1));
        Assert.That(() => _versions.Show(0), Throws.TypeOf<ModelException>().With.Message.Contains("no weight version 0"));
        _versions.Show(2);
    }

    [Test]
    public void Reserved_memory_is_what_the_next_version_takes()
    {
        Accumulate();
        _versions.Reserve(2);
        int lent = _backend.Memory.Outstanding;
        _versions.Advance(0);
        _versions.Reserve(2);
        Assert.That(_backend.Memory.Outstanding, Is.EqualTo(lent));
    }

    [Test]
    public void The_older_version_can_be_written_and_filled_as_parameters()
    {
        Assert.That(_versions.Older("older.").Select(p => (p.Name, p.Data.ToArray<float>()[0])),
            Is.EqualTo(new[] { ("older.w", 2f), ("older.frozen", 5f) }), "the same values where there is none yet");
        MakeNext(7, firstNeeded: 0);
        _versions.Older("older.")[0].Data.CopyFrom<float>([4]);
        Assert.That(_versions[0][0].ToArray<float>(), Is.EqualTo(new[] { 4f }));
        Assert.That(_w.Data.ToArray<float>(), Is.EqualTo(new[] { 7f }));
    }

    [Test]
    public void A_gradient_on_the_shelf_waits_while_the_next_accumulates()
    {
        using GradientShelf shelf = new([_w]);
        Accumulate(3);
        shelf.Exchange();
        Assert.That(_w.HasGradient, Is.False);
        Accumulate(4);
        Accumulate(5);
        shelf.Exchange();
        Assert.That(_w.Gradient.ToArray<float>(), Is.EqualTo(new[] { 3f }));
        shelf.Exchange();
        Assert.That(_w.Gradient.ToArray<float>(), Is.EqualTo(new[] { 9f }));
        shelf.Clear();
        shelf.Exchange();
        Assert.That(_w.HasGradient, Is.False);
    }

    private void Accumulate(float gradient = 1)
    {
        using Graph graph = new(_backend);
        Value y = graph.Parameter(_w) * graph.Input<float>([gradient], [1]);
        graph.Backward(y);
    }

    private void MakeNext(float value, int firstNeeded)
    {
        Accumulate();
        _versions.Advance(firstNeeded);
        _w.Data.CopyFrom<float>([value]);
        _w.ZeroGradient();
    }
}
