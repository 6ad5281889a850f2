using AutogradCore.Optim;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

/// <summary>Which optimizer updated a parameter, and how often: a checkpoint says it, and it is held to it.</summary>
public sealed class CheckpointUpdatesTests
{
    private static readonly string[] Kinds = ["sgd", "momentum", "adam", "adamw"];

    private static Optimizer Make(string kind, IReadOnlyList<Parameter> parameters) => kind switch
    {
        "sgd" => new Sgd(parameters, LearningRate.Constant(0.1)),
        "momentum" => new Sgd(parameters, LearningRate.Constant(0.1), momentum: 0.9),
        "adam" => new Adam(parameters, LearningRate.Constant(0.1)),
        _ => new AdamW(parameters, LearningRate.Constant(0.1)),
    };

    [Test]
    public void Another_optimizer_than_the_one_that_wrote_it_is_refused_and_nothing_changes(
        [ValueSource(nameof(Kinds))] string writer, [ValueSource(nameof(Kinds))] string reader, [Values(1, 3)] int steps)
    {
        using TemporaryFolder folder = new();
        using Run written = new(writer), read = new(reader);
        written.Steps(steps);
        written.Save(folder["a"]);
        read.Steps(2);
        float[] before = read.Values();
        float[][] state = read.State();
        if (writer == reader)
        {
            Checkpoint.Load(folder["a"], read.Parameters, [read.Optimizer]);
            Assert.That(read.Values(), Is.EqualTo(written.Values()));
            return;
        }
        CheckpointException error = Assert.Throws<CheckpointException>(
            () => Checkpoint.Load(folder["a"], read.Parameters, [read.Optimizer]))!;
        Assert.That(error.Message, Does.Contain("early"));
        Assert.That(error.Hint, Does.Contain("model alone"));
        Assert.That(read.Values(), Is.EqualTo(before));
        Assert.That(read.State(), Is.EqualTo(state));
        Assert.That(read.Optimizer.StepCount, Is.EqualTo(2));
    }

    [Test]
    public void A_model_that_was_saved_alone_is_refused_by_an_optimizer_that_needs_state(
        [ValueSource(nameof(Kinds))] string reader)
    {
        using TemporaryFolder folder = new();
        using Run written = new("adam"), read = new(reader);
        written.Steps(2);
        Checkpoint.Save(folder["a"], written.Parameters, [], new CheckpointState(2, 1, new Dictionary<string, string>()));
        void Load() => Checkpoint.Load(folder["a"], read.Parameters, [read.Optimizer]);
        if (reader == "sgd") Assert.That(Load, Throws.Nothing, "it needs none");
        else Assert.That(Load, Throws.TypeOf<CheckpointException>().With.Message.Contains("lacks the optimizer state"));
        Assert.That(() => Checkpoint.Load(folder["a"], read.Parameters, []), Throws.Nothing);
    }

    [Test]
    public void A_checkpoint_from_before_the_first_step_starts_as_training_does([ValueSource(nameof(Kinds))] string kind)
    {
        using TemporaryFolder folder = new();
        using Run written = new(kind), read = new(kind);
        written.Save(folder["a"]);
        read.Steps(2);
        Checkpoint.Load(folder["a"], read.Parameters, [read.Optimizer]);
        written.Steps(3);
        read.Steps(3);
        Assert.That(read.Values(), Is.EqualTo(written.Values()));
    }

    [Test]
    public void A_late_parameter_resumes_with_its_own_count_of_updates(
        [ValueSource(nameof(Kinds))] string kind, [Values(1, 4)] int at)
    {
        using TemporaryFolder folder = new();
        using Run straight = new(kind), resumed = new(kind);
        straight.Steps(at, late: at > 3);
        straight.Save(folder["a"]);
        resumed.Steps(1);
        Checkpoint.Load(folder["a"], resumed.Parameters, [resumed.Optimizer]);
        Assert.That(resumed.Parameters.Select(resumed.Optimizer.UpdateCount),
            Is.EqualTo(straight.Parameters.Select(straight.Optimizer.UpdateCount)).And.EqualTo(at > 3 ? [4, 1] : new[] { 1, 0 }));
        straight.Steps(3, late: true);
        resumed.Steps(3, late: true);
        Assert.That(resumed.Values(), Is.EqualTo(straight.Values()));
    }

    /// <summary>Two parameters, of which one gets a gradient in the last of some steps only.</summary>
    private sealed class Run : IDisposable
    {
        private readonly ReferenceBackend _backend = new();

        public Run(string kind)
        {
            Parameters =
            [
                Parameter.From<float>(_backend, [1, 2], [2], "early"), Parameter.From<float>(_backend, [3], [1], "late"),
            ];
            Optimizer = Make(kind, Parameters);
        }

        public IReadOnlyList<Parameter> Parameters { get; }

        public Optimizer Optimizer { get; }

        public void Steps(int count, bool late = false)
        {
            for (int i = 0; i < count; i++)
            {
                Optimizer.ZeroGradient();
                using Graph graph = new(_backend);
                Value loss = (graph.Parameter(Parameters[0]) * (1 + Optimizer.StepCount)).Sum();
                if (late && i == count - 1) loss += graph.Parameter(Parameters[1]).Sum() * 0.5;
                graph.Backward(loss);
                Optimizer.Step();
            }
        }

        public float[] Values() => [.. Parameters.SelectMany(p => p.Data.ToArray<float>())];

        public float[][] State() => [.. Optimizer.State.OrderBy(s => s.Key).Select(s => s.Value.ToArray<float>())];

        public void Save(string path) => Checkpoint.Save(path, Parameters, [Optimizer],
            new CheckpointState(Optimizer.StepCount, 1, new Dictionary<string, string>()));

        public void Dispose()
        {
            Optimizer.Dispose();
            foreach (Parameter parameter in Parameters) parameter.Dispose();
            _backend.Dispose();
        }
    }
}
