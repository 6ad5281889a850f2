using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

/// <summary>Two stages per rank in a V, against arXiv 2405.15362 and the DualPipe repository. Costs and counts are those of
/// half-sized stages: 1F1B idles 6(N-1) and holds 2N.</summary>
public sealed class VTests
{
    private static IEnumerable<int> ManyMicrobatches(int n) => [2 * n, 2 * n + 1, 3 * n, 5 * n];

    [TestCase("zb-v", """
        0F0,0F1,0F2,3F0,3I0,3W0,3F1,3I1,3W1,0I0,0W0,3F2,3I2,3W2,0I1,0W1,0I2,0W2
        1F0,2F0,1F1,2F1,2I0,2W0,1F2,1I0,1W0,2F2,2I1,2W1,1I1,2I2,1I2,1W1,2W2,1W2

        """)]
    [TestCase("v-half", """
        0F0,0F1,3F0,3I0,3F1,3W0,0F2,0I0,3I1,0W0,3F2,3W1,0I1,3I2,0W1,3W2,0I2,0W2
        1F0,2F0,1F1,2F1,2I0,1I0,2W0,1F2,1W0,2F2,2I1,1I1,2W1,1W1,2I2,1I2,2W2,1W2

        """)]
    [TestCase("v-min", """
        0F0,3F0,3I0,0F1,3W0,0I0,0W0,3F1,3I1,0F2,3W1,0I1,0W1,3F2,3I2,3W2,0I2,0W2
        1F0,2F0,2I0,1I0,1F1,2F1,2W0,1W0,2I1,1I1,1F2,2F2,2W1,1W1,2I2,1I2,2W2,1W2

        """)]
    public void Three_microbatches_on_two_ranks_look_like_this(string name, string csv) =>
        Assert.That(Schedules.Create(name, 2, 3).ToCsv(), Is.EqualTo(csv.ReplaceLineEndings("\n")));

    [Test]
    public void ZBV_has_no_bubble_at_unit_cost([Range(1, 16)] int n)
    {
        foreach (var m in ManyMicrobatches(n).Prepend(2 * n - 1))
        {
            Assert.That(Idle.InSpan(Schedules.ZBV(n, m)), Is.Zero, $"M = {m}");
            Assert.That(Idle.InMakespan(Schedules.ZBV(n, m)), Is.EqualTo(n - 1), $"M = {m}: each rank starts an F later");
        }
    }

    [Test]
    public void ZBV_holds_as_much_as_1F1B_on_every_rank([Range(1, 16)] int n) =>
        Assert.That(Idle.Held(Schedules.ZBV(n, 3 * n)), Is.All.EqualTo(2 * n));

    [Test]
    public void VHalf_has_half_the_bubble_of_1F1B_at_unit_cost([Range(2, 16)] int n)
    {
        foreach (var m in ManyMicrobatches(n).Prepend(n))
            Assert.That(Idle.InMakespan(Schedules.VHalf(n, m)), Is.EqualTo(3 * (n - 1) - (n % 2 == 0 ? 2 : 1)), $"M = {m}");
    }

    [Test]
    public void VMin_has_two_thirds_of_the_bubble_of_1F1B_and_less_where_3_divides_N([Range(2, 16)] int n)
    {
        foreach (var m in ManyMicrobatches(n).Prepend(n))
            Assert.That(Idle.InMakespan(Schedules.VMin(n, m)), Is.EqualTo(4 * (n - 1) - (n % 3 == 0 ? 3 : 1)), $"M = {m}");
    }

    [Test]
    public void VHalf_holds_half_as_much_as_1F1B([Range(1, 16)] int n) =>
        Assert.That(Idle.Held(Schedules.VHalf(n, 3 * n)).Max(), Is.EqualTo(2 * ((n + 2) / 2)));

    [Test]
    public void VMin_holds_a_third_as_much_as_1F1B([Range(1, 16)] int n) =>
        Assert.That(Idle.Held(Schedules.VMin(n, 3 * n)).Max(), Is.EqualTo(2 * ((n + 4) / 3)));

    [Test]
    public void DualPipeV_idles_N_minus_1_where_2N_minus_2_is_published_and_holds_2N_plus_1([Range(1, 16)] int n)
    {
        foreach (var m in ManyMicrobatches(n))
        {
            var schedule = Schedules.DualPipeV(n, m);
            Assert.That(Idle.InMakespan(schedule), Is.EqualTo(n - 1), schedule.ToString());
            Assert.That(Idle.Held(schedule), Is.All.EqualTo(2 * n + 1));
        }
    }

    [Test]
    public void DualPipeV_pairs_forwards_of_one_stage_with_backwards_of_the_other() =>
        Assert.That(Schedules.DualPipeV(2, 4).ToCsv(), Is.EqualTo(
            """
            0F0,0F1,0F2,3F0,3I0,3W0,3F1,(0F3;3B1)OVERLAP_F_B,(3F2;0B0)OVERLAP_F_B,3B2,(3F3;0B1)OVERLAP_F_B,3B3,0I2,0W2,0I3,0W3
            1F0,2F0,1F1,2F1,1F2,2B0,(2F2;1B0)OVERLAP_F_B,(1F3;2B1)OVERLAP_F_B,(2F3;1B1)OVERLAP_F_B,2B2,1B2,2I3,1I3,2W3,1W3

            """.ReplaceLineEndings("\n")));
}
