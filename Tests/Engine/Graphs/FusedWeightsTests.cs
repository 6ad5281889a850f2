using AutogradCore.Nn;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Graphs;

/// <summary>W for several microbatches in one call has the bits of one call after another.</summary>
public sealed class FusedWeightsTests
{
    private readonly ReferenceBackend _backend = new();

    [OneTimeTearDown]
    public void End()
    {
        Assert.That(_backend.Memory.Outstanding, Is.Zero, "buffers leaked");
        _backend.Dispose();
    }

    [Test]
    public void Fused_weights_have_the_bits_of_one_call_after_another(
        [ValueSource(nameof(Names))] string model, [Values(1, 2, 3, 5)] int microbatches)
    {
        using Module apart = FusedModels.All[model].Make(), fused = FusedModels.All[model].Make();
        foreach (Module m in (Module[])[apart, fused]) m.Initialize(_backend, seed: 1);
        for (int step = 0; step < 2; step++) // the second accumulates onto the gradients of the first
        {
            Graph[] graphs = Forward(apart, FusedModels.All[model].Ids, microbatches, step);
            foreach (Graph graph in graphs) graph.BackwardWeights();
            Dispose(graphs);
            graphs = Forward(fused, FusedModels.All[model].Ids, microbatches, step);
            Graph.BackwardWeights(graphs);
            Assert.That(graphs.Select(g => g.HeldBytes), Is.All.EqualTo(graphs[0].DeclaredBytes(GraphPhase.WeightsDone)));
            Dispose(graphs);
            Assert.That(Bits.OfGradients(fused.Parameters()), Is.EqualTo(Bits.OfGradients(apart.Parameters())), $"step {step}");
        }
    }

    private static IEnumerable<string> Names => FusedModels.All.Keys;

    [Test]
    public void A_microbatch_that_differs_from_the_others_is_simply_run_by_itself()
    {
        using Linear apart = new(4, 3), fused = new(4, 3);
        foreach (Linear layer in (Linear[])[apart, fused])
        {
            layer.Initialize(_backend, seed: 1);
            Graph[] graphs = [Record(layer, false, 3, 0), Record(new Sequential(layer, new Odd(layer)), false, 3, 1),
                Record(layer, false, 3, 2)];
            if (layer == fused) Graph.BackwardWeights(graphs);
            else foreach (Graph graph in graphs) graph.BackwardWeights();
            Dispose(graphs);
        }
        Assert.That(Bits.OfGradients(fused.Parameters()), Is.EqualTo(Bits.OfGradients(apart.Parameters())));
    }

    /// <summary>Another use of a layer's weight.</summary>
    private sealed class Odd(Linear layer) : Module
    {
        public override Value Forward(Value x) => x.Tanh().MatMul(x.Graph.Parameter(layer.Weight));
    }

    private sealed class Product(Parameter w, bool transpose) : Module
    {
        public override Value Forward(Value x) => x.MatMul(x.Graph.Parameter(w), transposeB: transpose);
    }

    [Test]
    public void Ops_of_one_type_with_other_settings_each_run_their_own_rule()
    {
        using Parameter apart = Parameter.From<float>(_backend, [.. Enumerable.Range(0, 16).Select(i => i * 0.1f)], [4, 4]);
        using Parameter fused = Parameter.From<float>(_backend, apart.Data.ToArray<float>(), [4, 4]);
        foreach (Parameter w in (Parameter[])[apart, fused])
        {
            Graph[] graphs = [.. Enumerable.Range(0, 3).Select(i => Record(new Product(w, i == 1), ids: false, 3, i))];
            if (w == fused) Graph.BackwardWeights(graphs);
            else foreach (Graph graph in graphs) graph.BackwardWeights();
            Dispose(graphs);
        }
        Assert.That(Bits.Of(fused.Gradient.View), Is.EqualTo(Bits.Of(apart.Gradient.View)));
    }

    [Test]
    public void Seeding_a_parameter_itself_keeps_the_order_of_accumulation()
    {
        long[][] bits = new long[2][];
        for (int run = 0; run < 2; run++)
        {
            using Parameter w = Parameter.From<float>(_backend, [0.1f, 0.7f], [2]);
            Graph[] graphs = [.. Enumerable.Range(1, 3).Select(i =>
            {
                Graph graph = new(_backend);
                Value p = graph.Parameter(w), y = graph.Input<float>([0.3f * i, 1.7f / i], [2]) * p;
                graph.Forward(p, y);
                graph.Seed(p, 0.1 * i);
                graph.Seed(y, 1.1 / i);
                graph.BackwardInputs();
                return graph;
            })];
            if (run == 0) Graph.BackwardWeights(graphs);
            else foreach (Graph graph in graphs) graph.BackwardWeights();
            Dispose(graphs);
            bits[run] = Bits.Of(w.Gradient.View);
        }
        Assert.That(bits[0], Is.EqualTo(bits[1]));
    }

    private Graph[] Forward(Module model, bool ids, int microbatches, int step) =>
        [.. Enumerable.Range(0, microbatches).Select(i => Record(model, ids, 3, 10 * step + i))];

    private Graph Record(Module model, bool ids, int rows, int number)
    {
        Graph graph = new(_backend) { PoisonFreed = true };
        RandomStream random = RandomStream.Named("data", (ulong)number);
        Value x = ids
            ? graph.Input<int>([.. Enumerable.Range(0, rows).Select(i => (i * i + number) % 5)], [rows])
            : graph.Input<float>([.. Enumerable.Range(0, rows * 4).Select(i => (float)random.Normal(i))], [rows, 4]);
        Value y = model.Forward(x);
        graph.BackwardInputs((y * y).Sum());
        return graph;
    }

    private static void Dispose(Graph[] graphs)
    {
        foreach (Graph graph in graphs) graph.Dispose();
    }
}
