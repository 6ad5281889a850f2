using AutogradCore.Kernels;
using AutogradCore.Nn;
using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

[Parallelizable]
public sealed class SkipConnectionTests
{
    private static readonly UnequalMicrobatches Data = new(4);

    private static IEnumerable<TestCaseData> Models
    {
        get
        {
            yield return Case("one that carries the token ids", (skip, f) =>
                [skip.Out, f(), f(), skip.In((x, ids) => x * ids.Cast(x.DType).Reshape(ids.Shape[0], ids.Shape[1], 1))]);
            yield return Case("one through which no gradient comes back", (skip, f) =>
                [f(), f(), skip.Out, f(), f(), skip.In((x, s) => x + s.Detach())]);
            yield return Case("one past layers that let no gradient through", (skip, f) =>
                [f(), f(), skip.Out, new Cut(), f(), f(), skip.In((x, s) => x + s)]);
            yield return Case("one that nothing reads", (skip, f) => [f(), skip.Out, f(), f(), skip.In((x, _) => x * 2), f()]);
            yield return Case("one without an end", (skip, f) => [f(), f(), skip.Out, f(), f()]);
            yield return Case("one within a layer",
                (skip, f) => [f(), new Sequential(skip.Out, f(), skip.In((x, s) => x + s)), f()]);
            yield return Case("one between parts of layers", (skip, f) =>
                [f(), new Sequential(f(), skip.Out), f(), new Sequential(f(), skip.In((x, s) => x + s), f())]);

            static TestCaseData Case(string name, Func<Skip, Func<Module>, Module[]> build) =>
                new TestCaseData(build).SetArgDisplayNames(name);
        }
    }

    [TestCaseSource(nameof(Models))]
    public void A_skip_connection_has_the_same_bits_wherever_the_stages_are_cut(Func<Skip, Func<Module>, Module[]> build)
    {
        string expected = Train(build, 1, _ => { });
        for (int stages = 2; stages <= 5; stages++)
            Assert.That(Train(build, stages, _ => { }), Is.EqualTo(expected), $"{stages} stages");
    }

    [TestCaseSource(nameof(Models))]
    public void A_skip_connection_past_frozen_layers_has_the_same_bits_wherever_the_stages_are_cut(
        Func<Skip, Func<Module>, Module[]> build)
    {
        for (int frozen = 1; frozen <= 3; frozen++)
        {
            string expected = Train(build, 1, Freeze);
            for (int stages = 2; stages <= 5; stages++)
                Assert.That(Train(build, stages, Freeze), Is.EqualTo(expected), $"{stages} stages, {frozen} layers frozen");

            void Freeze(IReadOnlyList<Module> layers)
            {
                foreach (Parameter parameter in layers.Take(frozen).SelectMany(l => l.Parameters())) parameter.Trainable = false;
            }
        }
    }

    [Test]
    public void A_skip_connection_that_ends_before_it_starts_or_stands_twice_is_refused()
    {
        Skip skip = new();
        SkipIn end = skip.In((x, s) => x + s);
        foreach (Module[] layers in new Module[][] { [end, skip.Out], [skip.Out, skip.Out, end], [skip.Out, end, end], [end] })
            Assert.That(() => new SkipRoutes(layers, new int[layers.Length]), Throws.TypeOf<PipelineException>()
                .With.Message.Contains("skip connection"));
    }

    /// <summary>Trains an embedding, the layers under test and a head, for two steps of 1F1B with W in the waits.</summary>
    private static string Train(Func<Skip, Func<Module>, Module[]> build, int stages, Action<IReadOnlyList<Module>> prepare)
    {
        Skip skip = new();
        Module[] middle = build(skip, () => new TransformerBlock(8, 2, dropout: 0.1));
        bool ids = middle[0] is SkipOut;
        Module embedding = new GptEmbedding(new GptConfig(13, 6, 1, 1, 8));
        Module[] layers = ids
            ? [middle[0], embedding, .. middle[1..], new Linear(8, 13)]
            : [embedding, .. middle, new Linear(8, 13)];
        using Sequential model = new(layers);
        model.AssignNames();
        prepare(layers);
        int[] starts = LayerSplit.Balance([.. layers.Select(_ => 1.0)], stages);
        HostBackend[] backends = [.. starts.Select(_ => new HostBackend(1))];
        for (int l = 0; l < layers.Length; l++)
            foreach (Parameter parameter in layers[l].Parameters())
                parameter.Initialize(backends[Array.FindLastIndex(starts, s => s <= l)], 4);
        Schedule schedule = SplitBackward.Apply(Schedules.OneForwardOneBackward(stages, Data.Count), TwoStage.Fill);
        string hash;
        using (PipelineRunner runner = new(layers, starts, backends, schedule, MixedModel.Options))
        {
            for (int step = 0; step < 2; step++) runner.Step(Data);
            hash = ParameterHash.Of(runner.Parameters);
        }
        model.Dispose();
        foreach (HostBackend backend in backends)
        {
            Assert.That(backend.Memory.Outstanding, Is.Zero, "the runner leaks buffers");
            backend.Dispose();
        }
        return hash;
    }
}
