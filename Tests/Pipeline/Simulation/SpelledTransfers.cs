using AutogradCore.Pipeline;
using NUnit.Framework;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

/// <summary>Ways to spell the same transfers out, all of which must simulate to the same.</summary>
internal static class SpelledTransfers
{
    /// <summary>Asserts that transfers leave the timeline, the summary and the rating as they are without them: as given, placed
    /// by the pass, and with every receive posted first.</summary>
    internal static void RequireSame(Schedule implied, Schedule? spelled, StageCosts costs)
    {
        var expected = Simulator.Run(implied, costs);
        var summary = Simulator.Summarize(implied, costs);
        foreach (var other in new[] { spelled ?? implied, InsertTransfers.Apply(implied) }.SelectMany(Variants))
        {
            Assert.That(ScheduleValidator.Violations(other), Is.Empty, other.ToGrid());
            Assert.That(Simulator.Run(other, costs), Is.EqualTo(expected), other.ToGrid());
            Assert.That(Simulator.Summarize(other, costs).Makespan, Is.EqualTo(summary.Makespan), other.ToGrid());
            Assert.That(Rating.Of(other, costs), Is.EqualTo(Rating.Of(implied, costs)), other.ToGrid());
        }
    }

    /// <summary>The schedule, and the same with each rank's receives before all else.</summary>
    private static IEnumerable<Schedule> Variants(Schedule spelled) =>
        [spelled, new(spelled.Name, spelled.Actions.Select(list => list.OrderBy(a => !IsReceive(a))), spelled.Overlapped)];

    private static bool IsReceive(Action action) =>
        action.Kind is ActionKind.ReceiveForward or ActionKind.ReceiveBackward;
}
