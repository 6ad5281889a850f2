using System.Collections.Concurrent;
using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

/// <summary>The law of bits where everything comes together: dropout, tied weights, skip connections, recompute, and microbatches
/// of different shapes.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class MixedLawTests
{
    private const int Steps = 2;
    private static readonly ConcurrentDictionary<int, Lazy<string>> Expected = [];

    /// <summary>Every schedule with a flush, on 1 to 6 ranks as far as the model's layers reach for its chunks.</summary>
    private static IEnumerable<TestCaseData> Cases =>
        from name in Catalogue.Flushing
        let info = Schedules.Info(name)
        from policy in Enum.GetValues<TwoStage>()
        from ranks in new[] { 1, 2, 3, 4, 5, 6 }
        where ranks * info.DefaultChunks <= MixedModel.LayerCount
        from microbatches in new[] { 1, 2, 5, info.MicrobatchesPerRank * ranks }.Distinct()
        where microbatches > 0 && microbatches <= 10 && info.Takes(ranks, microbatches)
        select new TestCaseData(name, policy, ranks, microbatches);

    [TestCaseSource(nameof(Cases))]
    public void A_pipeline_of_any_schedule_trains_to_the_bits_of_one_device(
        string name, TwoStage policy, int ranks, int microbatches)
    {
        Schedule schedule = SplitBackward.Apply(Schedules.Create(name, ranks, microbatches), policy);
        Assert.That(Train(schedule, MixedModel.Options), Is.EqualTo(OneDevice(microbatches)));
        PipelineOptions options = MixedModel.Options with
        { Opportunistic = true, Recompute = s => s % 2 == microbatches % 2 };
        Assert.That(Train(schedule, options), Is.EqualTo(OneDevice(microbatches)),
            "opportunistic, and recomputing half the stages");
    }

    [Test]
    public void Any_placement_of_stages_on_ranks_and_any_order_of_actions_trains_to_the_bits_of_one_device(
        [Values("0,1,0,1", "0,1,1,0", "0,1,2,0,1,2", "0,1,2,2,1,0", "0,0,1,1,1", "1,0,2,0")] string placement,
        [Values] bool opportunistic)
    {
        int[] rankOf = [.. placement.Split(',').Select(int.Parse)];
        for (int seed = 0; seed < 4; seed++)
        {
            Schedule schedule = RandomSchedule.Ascending(rankOf, 5, seed);
            PipelineOptions options = MixedModel.Options with
            {
                Opportunistic = opportunistic,
                Recompute = s => s % 3 == seed % 3,
            };
            Assert.That(Train(schedule, options), Is.EqualTo(OneDevice(5)), $"{schedule}\n{schedule.ToCsv()}");
        }
    }

    [Test]
    public void Any_order_of_weights_and_whole_backwards_trains_to_the_bits_of_one_device([Range(1, 12)] int seed)
    {
        Schedule schedule = RandomSchedule.Create(new Random(seed), most: 4);
        Assume.That(schedule.Stages, Is.LessThanOrEqualTo(MixedModel.LayerCount));
        PipelineOptions options = MixedModel.Options with { Opportunistic = seed % 2 == 0, Recompute = s => s % 3 == seed % 3 };
        Assert.That(Train(schedule, options), Is.EqualTo(OneDevice(schedule.Microbatches)), $"{schedule}\n{schedule.ToCsv()}");
    }

    private static string Train(Schedule schedule, PipelineOptions options) =>
        MixedModel.TrainAsPipeline(schedule, new UnequalMicrobatches(schedule.Microbatches), Steps, options);

    private static string OneDevice(int microbatches) => Expected.GetOrAdd(microbatches, _ => new(() =>
        MixedModel.TrainOnOneDevice(new UnequalMicrobatches(microbatches), Steps))).Value;
}
