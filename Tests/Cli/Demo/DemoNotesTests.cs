using AutogradCore.Cli;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

public sealed class DemoNotesTests
{
    [Test]
    public void A_quiet_machine_on_which_measured_and_simulated_agree_needs_no_note() =>
        Assert.That(Notes(coreShare: 0.99, measured: [1.24, 1.22]), Is.Empty);

    [Test]
    public void Other_programs_on_the_cores_are_told_with_their_share() =>
        Assert.That(Notes(coreShare: 0.69, measured: [0.887, 0.9]).Single(), Does.Contain("Other programs").And.Contain("31 %"));

    [TestCase(0.887, 1.267, "30 %")]
    [TestCase(1.267, 0.9, "29 %")]
    [TestCase(1.4, 1.3, "11 %")]
    public void Measured_far_from_simulated_never_stands_alone(double least, double median, string apart) =>
        Assert.That(Notes(measured: [least, median]).Single(), Does.Contain($"{apart} apart"));

    [Test]
    public void One_core_is_the_reason_where_there_is_only_one() =>
        Assert.That(Notes(coreShare: 0.5, cores: 1).Single(), Does.Contain("one core"));

    [Test]
    public void A_run_that_was_cut_short_says_after_how_many_steps() =>
        Assert.That(Notes(steps: 90).Single(), Does.Contain("after 90 of 120 steps"));

    [TestCase(0, 1000, false, Description = "without a step there is nothing to show")]
    [TestCase(39, 159, false)]
    [TestCase(1, 160, true)]
    [TestCase(50, 149, false)]
    [TestCase(50, 150, true)]
    [TestCase(51, 150, false, Description = "a round number of steps, after which the held-out loss is known")]
    public void Time_is_over_after_half_as_much_again_and_a_little_patience(int steps, double elapsed, bool over) =>
        Assert.That(DemoComparison.IsOver(steps, elapsed, seconds: 100), Is.EqualTo(over));

    private static IReadOnlyList<string> Notes(
        double coreShare = 1, int cores = 2, double[]? measured = null, int steps = 120) =>
        DemoNotes.Of(coreShare, cores, measured ?? [1.26], simulated: 1.26, steps, planned: 120);
}
