using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Graphs;

public sealed class GraphBytesTests
{
    private ReferenceBackend _backend = null!;
    private Graph _graph = null!;
    private Parameter _w = null!;

    [SetUp]
    public void Begin()
    {
        _backend = new ReferenceBackend();
        _graph = new Graph(_backend) { PoisonFreed = true };
        _w = Parameter.From<float>(_backend, [1, 2, 3, 4], [2, 2]);
    }

    [TearDown]
    public void End()
    {
        _graph.Dispose();
        _w.Dispose();
        _backend.Dispose();
    }

    /// <summary>Runs a step, comparing after each phase what is held, what was declared, and what the pool lent.</summary>
    private static void RequireDeclaredIsHeldIsLent(Graph graph, Func<long> gradientBytes, params Value[] outputs)
    {
        long before = graph.Backend.Memory.CurrentBytes - gradientBytes() - graph.HeldBytes;
        graph.Forward(outputs);
        Compare(GraphPhase.Forwarded);
        foreach (Value output in outputs) graph.Seed(output);
        graph.BackwardInputs();
        Compare(GraphPhase.InputsDone);
        graph.BackwardWeights();
        Compare(GraphPhase.WeightsDone);

        void Compare(GraphPhase phase)
        {
            Assert.That(graph.HeldBytes, Is.EqualTo(graph.DeclaredBytes(phase)), $"{phase}: held and declared");
            Assert.That(graph.HeldBytes, Is.EqualTo(graph.Backend.Memory.CurrentBytes - gradientBytes() - before),
                $"{phase}: held and lent");
        }
    }

    private long GradientBytes() => _w.HasGradient ? _w.Gradient.View.Bytes : 0;

    [Test]
    public void Bytes_held_are_those_declared_and_those_lent_in_every_phase_of_a_transformer()
    {
        using TinyGpt gpt = new();
        using Recording step = gpt.Record(poison: true);
        for (int i = 0; i < 2; i++)
        {
            step.Forward(i);
            Check(GraphPhase.Forwarded);
            step.Graph.BackwardInputs(step.Loss);
            Check(GraphPhase.InputsDone);
            step.Graph.BackwardWeights();
            Check(GraphPhase.WeightsDone);
        }

        void Check(GraphPhase phase)
        {
            long parameters = gpt.Parameters.Sum(p => p.Data.View.Bytes) + gpt.GradientBytes;
            Assert.That(step.Graph.HeldBytes, Is.EqualTo(step.Graph.DeclaredBytes(phase)), $"{phase}");
            Assert.That(gpt.Backend.Memory.CurrentBytes - parameters, Is.EqualTo(step.Graph.HeldBytes), $"{phase}");
        }
    }

    [Test]
    public void What_every_phase_will_hold_is_known_before_anything_runs()
    {
        Value x = _graph.Input<float>([1, 2, 3, 4], [2, 2], differentiable: true);
        Value loss = (x.Linear(_graph.Parameter(_w)).Tanh() * x).Sum();
        long[] foretold = [.. new[] { GraphPhase.Forwarded, GraphPhase.InputsDone, GraphPhase.WeightsDone }.Select(
            p => _graph.DeclaredBytes(p, loss))];
        _graph.Forward();
        List<long> held = [_graph.HeldBytes];
        _graph.BackwardInputs(loss);
        held.Add(_graph.HeldBytes);
        _graph.BackwardWeights();
        held.Add(_graph.HeldBytes);
        Assert.That(held, Is.EqualTo(foretold));
        Assert.That(held, Is.EqualTo(new[] { 16 + 4, 16 + 16 + 4, 16 + 4 }), "y, loss; dy of Linear, dx, loss; dx, loss");
    }

    [Test]
    public void Views_share_memory_and_their_bytes_count_once()
    {
        Value x = _graph.Input<float>([1, 2, 3, 4], [4], differentiable: true).Scale(2);
        Value[] views = [x, x.Reshape(2, 2), x.Reshape(4, 1).Reshape(1, 4), x.Detach()];
        _graph.Forward(views);
        Assert.That(views.Select(v => v.View.Buffer), Is.All.EqualTo(views[0].View.Buffer));
        Assert.That(_graph.HeldBytes, Is.EqualTo(16));
        RequireDeclaredIsHeldIsLent(_graph, GradientBytes, views[..3]);
    }

    [Test]
    public void Odd_graphs_hold_what_they_declare()
    {
        Value x = _graph.Input<float>([1, 2, 3, 4], [2, 2], differentiable: true), w = _graph.Parameter(_w);
        Value mask = _graph.Constant<float>([1, 0, 1, 1], [2, 2]), weight = w * mask;
        Value h = x.Linear(weight).Tanh();
        Value[] parts = h.Split(1, 1, 1);
        _graph.Keep(h);
        _graph.KeepGradient(h);
        Value unused = x.Exp() * x;
        RequireDeclaredIsHeldIsLent(_graph, GradientBytes, parts[1].Exp(), (h * h.Detach()).Reshape(4), w.Tanh(), weight);
        Assert.That(h.Gradient.Exists && h.View.Exists);
        Assert.That(unused.Node.RequiresGradient);
    }
}
