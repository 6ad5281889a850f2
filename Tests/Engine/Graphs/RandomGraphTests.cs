using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Graphs;

/// <summary>The laws of the split on 320 random graphs:
/// 20 seeds, each from small to large, so that the first failure is the smallest.</summary>
public sealed class RandomGraphTests
{
    private const int Largest = 16;
    private readonly ReferenceBackend _backend = new();

    private static IEnumerable<ulong> Seeds => Enumerable.Range(1, 20).Select(i => (ulong)i);

    [OneTimeTearDown]
    public void End() => _backend.Dispose();

    /// <summary>Runs a check on graphs of growing size with fresh parameters; nothing may stay lent afterwards.</summary>
    private void OnEverySize(ulong seed, Action<Parameter[], int> check)
    {
        for (int size = 1; size <= Largest; size++)
        {
            int outstanding = _backend.Memory.Outstanding;
            Parameter[] parameters = RandomGraph.Parameters(_backend, seed);
            check(parameters, size);
            foreach (Parameter parameter in parameters) parameter.Dispose();
            Assert.That(_backend.Memory.Outstanding, Is.EqualTo(outstanding), $"seed {seed}, size {size}: buffers leaked");
        }
    }

    private (long[][] Bits, string Text) Run(
        Parameter[] parameters, ulong seed, int size, bool poison, Action<RandomGraph> backward)
    {
        foreach (Parameter parameter in parameters) parameter.ZeroGradient();
        using RandomGraph random = new(_backend, parameters, seed, size, poison: poison);
        random.Forward();
        if (random.Outputs.Any(o => o.Node.RequiresGradient)) backward(random);
        return (Bits.OfGradients(parameters), $"seed {seed}, size {size}:\n{random}");
    }

    [TestCaseSource(nameof(Seeds))]
    public void The_two_halves_give_the_bits_of_the_whole(ulong seed) => OnEverySize(seed, (parameters, size) =>
    {
        (long[][] whole, string text) = Run(parameters, seed, size, poison: false, r => r.Graph.Backward());
        (long[][] halves, _) = Run(parameters, seed, size, poison: true, r =>
        {
            r.Graph.BackwardInputs();
            Assert.That(parameters.Any(p => p.HasGradient), Is.False, text);
            while (r.Graph.RunNextDeferred())
            {
            }
        });
        Assert.That(halves, Is.EqualTo(whole), text);
    });

    [TestCaseSource(nameof(Seeds))]
    public void Bytes_held_are_those_declared_in_every_phase(ulong seed) => OnEverySize(seed, (parameters, size) =>
    {
        using RandomGraph random = new(_backend, parameters, seed, size);
        Graph graph = random.Graph;
        long before = _backend.Memory.CurrentBytes;
        graph.Forward(random.Outputs);
        Check(GraphPhase.Forwarded);
        Value[] roots = [.. random.Outputs.Where(o => o.Node.RequiresGradient)];
        if (roots.Length == 0) return;
        foreach (Value root in roots) graph.Seed(root);
        graph.BackwardInputs();
        Check(GraphPhase.InputsDone);
        graph.BackwardWeights();
        Check(GraphPhase.WeightsDone);

        void Check(GraphPhase phase)
        {
            long gradients = parameters.Sum(p => p.HasGradient ? p.Gradient.View.Bytes : 0);
            Assert.That(graph.HeldBytes, Is.EqualTo(graph.DeclaredBytes(phase)), $"{phase}, seed {seed}, size {size}:\n{random}");
            Assert.That(_backend.Memory.CurrentBytes - gradients - before, Is.EqualTo(graph.HeldBytes),
                $"{phase}, seed {seed}, size {size}:\n{random}");
        }
    });

    [TestCaseSource(nameof(Seeds))]
    public void Several_microbatches_fused_give_the_bits_of_one_after_another(ulong seed)
        => OnEverySize(seed, (parameters, size) =>
    {
        long[][][] bits = new long[2][][];
        string text = "";
        for (int fused = 0; fused < 2; fused++)
        {
            foreach (Parameter parameter in parameters) parameter.ZeroGradient();
            RandomGraph[] graphs = [.. Enumerable.Range(0, 3).Select(
                i => new RandomGraph(_backend, parameters, seed, size, microbatch: i, poison: true))];
            foreach (RandomGraph random in graphs)
            {
                random.Forward();
                if (random.Outputs.Any(o => o.Node.RequiresGradient)) random.Graph.BackwardInputs();
            }
            Graph[] ready = [.. graphs.Select(g => g.Graph).Where(g => g.Phase == GraphPhase.InputsDone)];
            if (fused == 1) Graph.BackwardWeights(ready);
            else foreach (Graph graph in ready) graph.BackwardWeights();
            bits[fused] = Bits.OfGradients(parameters);
            text = graphs[0].ToString();
            foreach (RandomGraph random in graphs) random.Dispose();
        }
        Assert.That(bits[1], Is.EqualTo(bits[0]), $"seed {seed}, size {size}:\n{text}");
    });
}
