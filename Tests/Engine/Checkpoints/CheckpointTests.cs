using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

public sealed class CheckpointTests
{
    private static readonly CheckpointState State = new(
        3, 7, new Dictionary<string, string> { ["model"] = "tiny", ["seq"] = "4" });

    [Test]
    public void Parameters_optimizer_state_step_and_configuration_come_back()
    {
        using var folder = new TemporaryFolder();
        using var written = new CheckpointRun();
        written.Steps(3);
        written.Save(folder["a"], State);

        using var read = new CheckpointRun(seed: 99);
        CheckpointState state = Checkpoint.Load(folder["a"], read.Parameters, read.Optimizers);
        Assert.That((state.Step, state.Seed), Is.EqualTo((3, 7ul)));
        Assert.That(state.Configuration, Is.EquivalentTo(State.Configuration));
        Assert.That(Checkpoint.ReadState(folder["a"]).Configuration, Is.EquivalentTo(State.Configuration));
        Assert.That(read.Optimizers[0].StepCount, Is.EqualTo(3));
        Assert.That(ParameterHash.Of(read.Parameters), Is.EqualTo(ParameterHash.Of(written.Parameters)));
        foreach ((string name, Tensor tensor) in written.Optimizers[0].State)
            Assert.That(read.Optimizers[0].State[name].ToArray<float>(), Is.EqualTo(tensor.ToArray<float>()), name);
    }

    [Test]
    public void A_resumed_run_has_the_bits_of_one_that_never_stopped()
    {
        using var folder = new TemporaryFolder();
        using var whole = new CheckpointRun();
        whole.Steps(3);
        whole.Save(folder["a"], State);
        whole.Steps(2);

        using var resumed = new CheckpointRun(seed: 99);
        resumed.Steps(1);
        Checkpoint.Load(folder["a"], resumed.Parameters, resumed.Optimizers);
        resumed.Steps(2);
        Assert.That(ParameterHash.Of(resumed.Parameters), Is.EqualTo(ParameterHash.Of(whole.Parameters)));
    }

    [Test]
    public void Optimizers_of_stages_write_the_file_of_one_optimizer_up_to_order_and_read_it()
    {
        using var folder = new TemporaryFolder();
        using var one = new CheckpointRun();
        one.Steps(3);
        one.Save(folder["a"], State);

        using var two = new CheckpointRun(seed: 99, stages: 2);
        Checkpoint.Load(folder["a"], two.Parameters, two.Optimizers);
        two.Steps(2);
        one.Steps(2);
        Assert.That(ParameterHash.Of(two.Parameters), Is.EqualTo(ParameterHash.Of(one.Parameters)));
    }

    [Test]
    public void A_model_alone_loads_without_optimizer_state()
    {
        using var folder = new TemporaryFolder();
        using var written = new CheckpointRun();
        written.Steps(3);
        written.Save(folder["a"], State);
        using var read = new CheckpointRun(seed: 99);
        Checkpoint.Load(folder["a"], read.Parameters, []);
        Assert.That(ParameterHash.Of(read.Parameters), Is.EqualTo(ParameterHash.Of(written.Parameters)));
    }

    [Test]
    public void A_parameter_that_never_had_a_gradient_has_no_state_and_that_is_remembered()
    {
        using var folder = new TemporaryFolder();
        using var written = new CheckpointRun();
        written.Parameters[0].Trainable = false;
        written.Steps(3);
        written.Save(folder["a"], State);
        using var read = new CheckpointRun(seed: 99);
        Checkpoint.Load(folder["a"], read.Parameters, read.Optimizers);
        Assert.That(read.Optimizers[0].State, Has.Count.EqualTo(written.Optimizers[0].State.Count));
    }

    [Test]
    public void The_same_state_gives_the_same_file()
    {
        using var folder = new TemporaryFolder();
        using var run = new CheckpointRun();
        run.Steps(3);
        run.Save(folder["a"], State);
        run.Save(folder["b"], State);
        Assert.That(File.ReadAllBytes(folder["a"]), Is.EqualTo(File.ReadAllBytes(folder["b"])));
    }

    [Test]
    public void An_interrupted_save_leaves_the_previous_file_and_no_other()
    {
        using var folder = new TemporaryFolder();
        using var run = new CheckpointRun();
        run.Steps(3);
        run.Save(folder["a"], State);
        byte[] before = File.ReadAllBytes(folder["a"]);
        run.Steps(1);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(
            () => Checkpoint.Save(folder["a"], run.Parameters, run.Optimizers, State with { Step = 4 }, cancelled.Token));
        Assert.That(File.ReadAllBytes(folder["a"]), Is.EqualTo(before));
        Assert.That(Directory.GetFiles(folder.Root), Has.Length.EqualTo(1));
    }

    [Test]
    public void A_step_below_0_is_refused_since_it_could_not_be_read_again()
    {
        using var folder = new TemporaryFolder();
        using var run = new CheckpointRun();
        Assert.Throws<ModelException>(() => Checkpoint.Save(folder["a"], run.Parameters, [], State with { Step = -1 }));
        Assert.That(Directory.GetFiles(folder.Root), Is.Empty);
    }

    [Test]
    public void A_step_that_is_not_the_optimizers_is_refused()
    {
        using var folder = new TemporaryFolder();
        using var run = new CheckpointRun();
        run.Steps(1);
        Assert.Throws<ModelException>(() => run.Save(folder["a"], State));
        Assert.That(Directory.GetFiles(folder.Root), Is.Empty);
    }

    [Test]
    public void Records_come_back_bit_for_bit_and_with_the_state_alone()
    {
        using var folder = new TemporaryFolder();
        using var run = new CheckpointRun();
        run.Steps(3);
        Dictionary<string, IReadOnlyList<double>> records = new()
        {
            ["loss"] = [1.1, double.NaN, -0.0, double.PositiveInfinity],
            ["none"] = [],
        };
        run.Save(folder["a"], State with { Records = records });
        foreach (CheckpointState state in new[]
        {
            Checkpoint.ReadState(folder["a"]), Checkpoint.Load(folder["a"], run.Parameters, run.Optimizers),
            Checkpoint.Load(folder["a"], run.Parameters, []),
        })
        {
            Assert.That(state.Records.Keys, Is.EquivalentTo(records.Keys));
            foreach ((string column, IReadOnlyList<double> values) in records)
                Assert.That(state.Records[column].Select(BitConverter.DoubleToInt64Bits),
                    Is.EqualTo(values.Select(BitConverter.DoubleToInt64Bits)), column);
        }
    }

    [Test]
    public void Memory_that_is_missing_for_the_state_leaves_everything_as_it_was()
    {
        using var folder = new TemporaryFolder();
        using var written = new CheckpointRun();
        written.Steps(3);
        written.Save(folder["a"], State);
        using var read = new CheckpointRun(seed: 99, backend: new FullBackend());
        read.Steps(1);
        string before = ParameterHash.Of(read.Parameters);
        float[] moment = read.Optimizers[0].State.First().Value.ToArray<float>();
        ((FullBackend)read.Backend).IsFull = true;
        Assert.Throws<AllocationException>(() => Checkpoint.Load(folder["a"], read.Parameters, read.Optimizers));
        Assert.That(ParameterHash.Of(read.Parameters), Is.EqualTo(before));
        Assert.That(read.Optimizers[0].State.First().Value.ToArray<float>(), Is.EqualTo(moment));
        Assert.That(read.Optimizers[0].StepCount, Is.EqualTo(1));
    }

    [Test]
    public void The_hash_sees_names_shapes_and_every_bit()
    {
        using ReferenceBackend backend = new();
        string Hash(string name, Shape shape, params float[] values)
        {
            using Parameter p = Parameter.From<float>(backend, values, shape, name);
            return ParameterHash.Of([p]);
        }
        string hash = Hash("w", [2, 1], 1, 0);
        Assert.That(hash, Has.Length.EqualTo(64));
        Assert.That(
            new[] { Hash("v", [2, 1], 1, 0), Hash("w", [1, 2], 1, 0), Hash("w", [2, 1], 1, -0f) }, Has.None.EqualTo(hash));
    }

    /// <summary>A backend that can be told to take in nothing more, as one whose memory is used up.</summary>
    private sealed class FullBackend : ReferenceBackend
    {
        public bool IsFull { get; set; }

        public override void Upload<T>(ReadOnlySpan<T> from, in View into)
        {
            if (IsFull) throw new AllocationException("used up on purpose");
            base.Upload(from, into);
        }
    }
}
