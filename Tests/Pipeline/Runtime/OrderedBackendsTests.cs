extern alias simt;

using AutogradCore.Kernels;
using AutogradCore.Nn;
using AutogradCore.Optim;
using AutogradCore.Pipeline;
using NUnit.Framework;
using simt::AutogradCore.Kernels.Simt;

namespace AutogradCore.Tests.Pipeline;

/// <summary>Stages on one device work in one order, and what the device notices late still names its action.</summary>
public sealed class OrderedBackendsTests
{
    private const int Vocabulary = 7, Time = 3;

    private SimtBackend[] _backends = null!;

    [SetUp]
    public void Open()
    {
        KernelDevice device = SimtBackend.OpenDevice();
        _backends = [new SimtBackend(device), new SimtBackend(device)];
    }

    [TearDown]
    public void Close()
    {
        foreach (SimtBackend backend in _backends) backend.Dispose();
    }

    [Test]
    public void Backends_on_one_device_are_ordered_and_others_are_not()
    {
        using HostBackend host = new(1), second = new(1);
        using SimtBackend apart = new();
        IBackend here = _backends[0], there = host;
        Assert.That(here.IsOrderedWith(here) && here.IsOrderedWith(_backends[1]), Is.True);
        Assert.That(here.IsOrderedWith(apart) || here.IsOrderedWith(host) || there.IsOrderedWith(here), Is.False);
        Assert.That((there.IsOrderedWith(host), there.IsOrderedWith(second)), Is.EqualTo((true, false)));
    }

    [Test]
    public void An_index_outside_its_table_is_thrown_by_the_send_of_what_came_of_it()
    {
        using HostBackend host = new(1);
        using InProcessTransport ordered = new(_backends), mixed = new([.. _backends, host]), any = new();
        using Tensor table = Tensor.From<float>(_backends[0], new float[4], [2, 2]), y = new(_backends[0], [1, 2]);
        using Tensor ids = Tensor.From<int>(_backends[0], [5], [1]);
        Message message = new AutogradCore.Pipeline.Action(1, ActionKind.ReceiveForward, 0);
        foreach (InProcessTransport transport in new[] { ordered, mixed, any })
        {
            _backends[0].Gather(table.View, ids.View, Destination.Into(y.View));
            Assert.That(() => transport.Send(message, y.View, _backends[0]), Throws.TypeOf<IndexRangeException>());
            Assert.That(transport.TryReceive(message, out _), Is.False);
        }
    }

    [Test]
    public void An_index_that_only_the_device_has_seen_is_an_error_before_anything_is_updated([Values] bool timed)
    {
        using Gpt model = Model();
        using PipelineRunner runner = new(model.Layers, [0, model.Layers.Count - 1], _backends,
            Schedules.OneForwardOneBackward(2, 2), Options(timed));
        runner.Step(Data(0));
        float[][] before = Values(runner.Parameters);
        PipelineException error = Assert.Throws<PipelineException>(() => runner.Step(Data(Vocabulary)))!;
        Assert.That(error.InnerException, Is.TypeOf<IndexRangeException>());
        Assert.That(error.Message, Does.StartWith("Rank 0 failed in 0F0"));
        Assert.That(Values(runner.Parameters), Is.EqualTo(before));
        Assert.That(runner.Step(Data(0)).Loss, Is.Not.NaN, "the runner works again");
    }

    [Test]
    public void A_target_that_only_the_device_has_seen_is_an_error_before_anything_is_updated([Values(1, 2)] int stages)
    {
        using Gpt model = Model(stages);
        int[] starts = stages == 1 ? [0] : [0, model.Layers.Count - 1];
        using PipelineRunner runner = new(model.Layers, starts, _backends[..stages],
            Schedules.OneForwardOneBackward(stages, 2), Options(timed: false));
        runner.Step(Data(0));
        float[][] before = Values(runner.Parameters);
        PipelineException error = Assert.Throws<PipelineException>(() => runner.Step(Data(0, target: Vocabulary)))!;
        Assert.That(error.InnerException, Is.TypeOf<IndexRangeException>());
        Assert.That(error.Message, Does.StartWith($"Rank {stages - 1} failed in "));
        Assert.That(Values(runner.Parameters), Is.EqualTo(before));
        Assert.That(runner.Step(Data(0)).Loss, Is.Not.NaN, "the runner works again");
    }

    [Test]
    public void The_same_without_flushes()
    {
        using Gpt model = Model();
        using ContinuousRunner runner = new(model.Layers, [0, model.Layers.Count - 1], _backends, WeightPolicy.TwoBuffered, 2,
            Options(timed: false));
        float[][] before = Values(runner.Parameters);
        Assert.That(() => runner.Run([Data(Vocabulary)]), Throws.TypeOf<PipelineException>()
            .With.InnerException.TypeOf<IndexRangeException>().And.Message.StartsWith("Rank 0 failed in 0F0"));
        Assert.That(Values(runner.Parameters), Is.EqualTo(before));
    }

    private static float[][] Values(IReadOnlyList<Parameter> parameters) =>
        [.. parameters.Select(p => p.Data.ToArray<float>())];

    private static PipelineOptions Options(bool timed) => new()
    {
        Loss = (y, t) => y.CrossEntropy(t),
        Optimizer = parameters => new Sgd(parameters, LearningRate.Constant(0.1)),
        TimesActions = timed,
    };

    private Gpt Model(int stages = 2)
    {
        Gpt model = new(new GptConfig(Vocabulary, Time, Layers: 1, Heads: 1, Features: 4));
        model.AssignNames();
        for (int l = 0; l < model.Layers.Count; l++)
            foreach (Parameter parameter in model.Layers[l].Parameters())
                parameter.Initialize(_backends[l < model.Layers.Count - 1 ? 0 : stages - 1], seed: 3);
        return model;
    }

    /// <summary>Two microbatches of one row whose first token is <paramref name="first"/>, and whose last target is
    /// <paramref name="target"/>.</summary>
    private static TokenMicrobatches Data(int first, int target = 0)
    {
        int[] tokens = [first, 1, 2, 3, 4, 5];
        return new TokenMicrobatches(tokens, new[] { 0, 0, 0, 0, 0, target }, Time, 2);
    }
}
