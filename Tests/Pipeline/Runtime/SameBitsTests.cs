using AutogradCore.Kernels;
using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

/// <summary>The law: whatever the schedule, the number of stages and the placement of W, parameters are those of one device.</summary>
public sealed class SameBitsTests
{
    private const int Steps = 3;

    private static IEnumerable<TestCaseData> Cases =>
        from backend in new[] { "reference", "host" }
        from microbatches in new[] { 1, 2, 4, 6 }
        from name in Schedules.Names
        from policy in Enum.GetValues<TwoStage>()
        from stages in new[] { 1, 2, 3, 4 }
        select new TestCaseData(backend, name, policy, stages, microbatches);

    private static readonly Dictionary<(string, int), string> Expected = [];

    [TestCaseSource(nameof(Cases))]
    public void A_pipeline_trains_to_the_bits_of_one_device(string backend, string name, TwoStage policy, int stages, int microbatches)
    {
        if (!Expected.TryGetValue((backend, microbatches), out string? expected))
        {
            using IBackend one = Create(backend);
            Expected[(backend, microbatches)] = expected = TinyGpt.TrainOnOneDevice(one, microbatches, Steps);
        }
        Schedule schedule = SplitBackward.Apply(Schedules.Create(name, stages, microbatches), policy);
        Assert.That(TinyGpt.TrainAsPipeline(_ => Create(backend), schedule, Steps), Is.EqualTo(expected));
    }

    private static IBackend Create(string name) => name == "host" ? new HostBackend(1) : new ReferenceBackend();
}
