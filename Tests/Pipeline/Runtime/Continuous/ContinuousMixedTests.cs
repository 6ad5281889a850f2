using AutogradCore.Nn;
using AutogradCore.Pipeline;
using AutogradCore.Tests.Engine;
using NUnit.Framework;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

/// <summary>Two versions of the weights with a tied embedding, skip connections, dropout and unequal microbatches.</summary>
[Parallelizable]
public sealed class ContinuousMixedTests
{
    private static readonly UnequalMicrobatches Data = new(5);

    [Test]
    public void All_of_them_together_train_to_the_bits_of_the_plain_loop(
        [Values(1, 2, 3, 4, 5)] int stages, [Values] TwoStage split)
    {
        using ContinuousMixedBench bench = new(stages, Data, split);
        bench.Run(6);
        Assert.That(bench.Bits, Is.EqualTo(MixedModel.TrainOnOneDevice(Data, 6, delay: 1)));
    }

    [Test]
    public void The_delay_shows_in_the_bits() => Assert.That(MixedModel.TrainOnOneDevice(Data, 6, delay: 1),
        Is.Not.EqualTo(MixedModel.TrainOnOneDevice(Data, 6)));

    [Test]
    public void Stages_that_compute_their_forward_pass_again_read_the_shared_weight_in_the_version_of_their_batch(
        [Values(2, 4)] int stages)
    {
        using ContinuousMixedBench bench = new(stages, Data, TwoStage.End, MixedModel.Options with { Recompute = _ => true });
        bench.Run(6);
        Assert.That(bench.Bits, Is.EqualTo(MixedModel.TrainOnOneDevice(Data, 6, delay: 1)));
    }

    [Test]
    public void Where_one_run_ends_and_the_next_begins_does_not_show_in_the_bits_nor_what_is_frozen_meanwhile()
    {
        void Freeze(GptEmbedding embedding, int step) => embedding.Table.Trainable = step is < 2 or >= 5;
        string expected = MixedModel.TrainOnOneDevice(Data, 8, Freeze, delay: 1);
        using ContinuousMixedBench bench = new(3, Data);
        foreach ((int first, int count) in new[] { (0, 2), (2, 1), (3, 2), (5, 3) })
        {
            Freeze(bench.Model.Embedding, first);
            bench.Run(count);
        }
        Assert.That(bench.Bits, Is.EqualTo(expected));
        Assert.That(expected, Is.Not.EqualTo(MixedModel.TrainOnOneDevice(Data, 8, delay: 1)), "freezing shows");
    }

    [Test]
    public void A_checkpoint_has_the_shared_weight_once_and_resumes_to_the_same_bits_on_other_stages()
    {
        using TemporaryFolder folder = new();
        using ContinuousMixedBench saved = new(4, Data), resumed = new(2, Data);
        saved.Run(3);
        resumed.Run(1);
        IReadOnlyList<Parameter> older = saved.Runner.OlderWeights;
        Assert.That(older.Select(p => p.Name),
            Is.EqualTo(saved.Runner.Parameters.Select(p => WeightVersions.OlderPrefix + p.Name)));
        Checkpoint.Save(folder["a"], [.. saved.Runner.Parameters, .. older], [.. saved.Runner.Stages.Select(s => s.Optimizer)],
            new CheckpointState(3, MixedModel.Seed, new Dictionary<string, string>()));
        CheckpointState state = Checkpoint.Load(folder["a"], [.. resumed.Runner.Parameters, .. resumed.Runner.OlderWeights],
            [.. resumed.Runner.Stages.Select(s => s.Optimizer)]);
        resumed.Runner.BatchCount = state.Step;
        resumed.Run(4);
        Assert.That(resumed.Bits, Is.EqualTo(MixedModel.TrainOnOneDevice(Data, 7, delay: 1)));
    }

    [Test]
    public void After_a_failure_training_goes_on_from_the_last_whole_batch_to_the_same_bits([Range(2, 27, 5)] int failing)
    {
        int left = failing;
        FailingSource source = new(Data, () => --left == 0);
        using ContinuousMixedBench bench = new(4, source);
        Assert.That(() => bench.Run(8), Throws.TypeOf<PipelineException>().With.Message.Contains("broken on purpose"));
        int count = bench.Runner.BatchCount;
        Assert.That(count, Is.LessThan(8));
        bench.Run(8 - count);
        Assert.That(bench.Bits, Is.EqualTo(MixedModel.TrainOnOneDevice(Data, 8, delay: 1)), $"after {count} batches");
    }

    [Test]
    public void A_list_that_lets_the_owner_wait_for_a_gradient_that_waits_for_the_owner_is_refused()
    {
        // Rank 1 runs its last W of batch 0 after an F whose input rank 0 sends after its own last W of batch 0.
        Schedule schedule = Schedule.FromCsv("""
            0F0,0F1,0B0,0B1,0U0,0F2,0F3,0B2,0B3,0U1
            1F0,1F1,1B0,1I1,1F2,1W1,1U0,1B2,1F3,1B3,1U1
            """);
        using ContinuousMixedBench bench = new(2, new UnequalMicrobatches(2));
        Assert.That(() => bench.Runner.Run([bench.Data, bench.Data], schedule), Throws.TypeOf<PipelineException>()
            .With.Message.Contains("rank 0 stops at 0U0, which needs the gradient of")
            .And.Message.Contains("of batch 0 from stage 1").And.Message.Contains("rank 1 stops at 1F2, which needs 0F2"));
    }

    [Test]
    public void W_that_wait_until_the_forward_that_needs_their_update_give_the_same_bits()
    {
        const int Batches = 5;
        Schedule schedule = new("late on the last", Schedules.PipeDream2BW(3, Data.Count, Batches).Actions.Select((list, stage) =>
            SplitLate(list, stage)));
        using ContinuousMixedBench bench = new(3, Data);
        bench.Runner.Run([.. Enumerable.Repeat(Data, Batches)], schedule);
        Assert.That(bench.Bits, Is.EqualTo(MixedModel.TrainOnOneDevice(Data, Batches, delay: 1)));

        // Stage 0 owns the table: its W come last, and with them the wait.
        List<Action> SplitLate(IEnumerable<Action> list, int stage)
        {
            List<Action> placed = [], owed = [];
            foreach (Action action in list)
            {
                if (action.Kind == ActionKind.Update)
                {
                    placed.AddRange(owed);
                    owed.Clear();
                }
                bool whole = action.Kind != ActionKind.Backward || stage == 2;
                placed.Add(whole ? action : action.As(ActionKind.BackwardInputs));
                if (!whole) owed.Add(action.As(ActionKind.BackwardWeights));
            }
            return placed;
        }
    }

    [Test]
    public void Stashed_weights_shared_by_two_stages_are_refused_and_within_one_stage_they_train()
    {
        UnequalMicrobatches one = new(1);
        PipelineOptions options = MixedModel.Options with { ClipNorm = null };
        Assert.That(() => new ContinuousMixedBench(2, one, options: options, policy: WeightPolicy.Stashed),
            Throws.TypeOf<PipelineException>().With.Message.Contains("Stages 0 and 1 share")
                .And.Message.Contains("Hint: use two versions"));
        using ContinuousMixedBench alone = new(1, one, options: options, policy: WeightPolicy.Stashed);
        alone.Run(4);
        Assert.That(alone.Bits, Is.EqualTo(MixedModel.TrainOnOneDevice(one, 4, clips: false)), "one stage is never late");
    }

    /// <summary>The data, until it is time to fail, once.</summary>
    private sealed class FailingSource(IMicrobatches data, Func<bool> isTime) : IMicrobatches
    {
        public int Count => data.Count;

        public DType InputDType => data.InputDType;

        public DType TargetDType => data.TargetDType;

        public Shape InputShape(int microbatch) => data.InputShape(microbatch);

        public Shape TargetShape(int microbatch) => data.TargetShape(microbatch);

        public void FeedInput(int microbatch, Value placeholder) => data.FeedInput(microbatch, placeholder);

        public void FeedTarget(int microbatch, Value placeholder)
        {
            if (isTime()) throw new InvalidOperationException("broken on purpose");
            data.FeedTarget(microbatch, placeholder);
        }
    }
}
