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
        0F0,0F1,3F0,3I0,3F1,3W0,0F2,0I0,3I1,0W0,3F2,3I2,0I1,3W1,0I2,3W2,0W1,0W2
        1F0,2F0,1F1,2F1,2I0,1I0,2W0,1F2,1W0,2F2,2I1,1I1,2I2,1I2,2W1,1W1,2W2,1W2

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
            Assert.That(Idle.InMakespan(Schedules.VHalf(n, m)),
                Is.EqualTo(Math.Max(n - 1, 3 * n - (n % 2 == 0 ? 7 : 4))), $"M = {m}");
    }

    [Test]
    public void VMin_has_two_thirds_of_the_bubble_of_1F1B_and_less_where_3_divides_N([Range(2, 16)] int n)
    {
        foreach (var m in ManyMicrobatches(n).Prepend(n))
            Assert.That(Idle.InMakespan(Schedules.VMin(n, m)), Is.EqualTo(4 * (n - 1) - (n % 3 == 0 ? 3 : 1)), $"M = {m}");
    }

    // What the authors' own generators reach at unit costs (github.com/sail-sg/zero-bubble-pipeline-parallelism).
    [TestCase("v-half", "3:4=29 3:7=47 4:7=47 4:8=53 4:9=59 4:12=77 5:6=47 5:10=71 5:15=101 6:6=48 6:11=77 6:12=83 6:18=119")]
    [TestCase("v-half", "7:8=65 7:14=101 7:21=143 8:7=59 8:8=65 8:9=71 8:15=107 8:16=113 8:24=161")]
    [TestCase("v-half", "2:1=10 2:2=15 3:1=14 4:1=18 4:2=22 4:3=27 4:4=34 4:5=38 5:5=44 6:3=35 7:7=66 8:2=38 8:3=43")]
    [TestCase("v-min", "2:1=9 2:4=27 3:2=19 3:3=26 3:9=59 4:4=35 4:8=59 5:2=26 5:10=75 6:3=37 6:6=53 6:18=125 7:7=65 7:21=149")]
    [TestCase("zb-v", "2:1=9 2:2=13 3:1=13 3:2=16 3:3=20 3:4=26 4:1=17 4:2=19 4:3=23 4:4=27 4:5=33 4:8=51 5:5=34 5:6=40")]
    [TestCase("zb-v", "6:3=29 6:5=37 6:6=41 6:7=47 6:12=77 7:3=33 7:7=48 7:14=90 8:3=37 8:7=51 8:8=55 8:9=61 8:16=103")]
    public void No_size_takes_longer_than_in_the_authors_generator(string name, string figures)
    {
        foreach (var figure in figures.Split(' '))
        {
            var numbers = figure.Split(':', '=').Select(int.Parse).ToArray();
            var (n, m, makespan) = (numbers[0], numbers[1], numbers[2]);
            var schedule = Schedules.Create(name, n, m);
            var held = name switch { "v-half" => (n + 2) / 2, "v-min" => (n + 4) / 3, _ => n };
            Assert.That(Makespan(schedule), Is.LessThanOrEqualTo(makespan), $"{name} {figure}");
            Assert.That(Idle.Held(schedule), Is.All.LessThanOrEqualTo(2 * Math.Min(held, m)), $"{name} {figure}");
        }
    }

    [TestCase("v-half", 4, 8, 53)]
    [TestCase("v-half", 6, 18, 119)]
    [TestCase("v-half", 8, 24, 161)]
    [TestCase("v-min", 6, 18, 125)]
    [TestCase("zb-v", 4, 4, 27)]
    [TestCase("zb-v", 8, 8, 55)]
    public void A_V_takes_so_many_half_units(string name, int n, int m, int makespan) =>
        Assert.That(Makespan(Schedules.Create(name, n, m)), Is.EqualTo(makespan));

    [Test]
    public void Fewer_microbatches_never_take_longer_than_more(
        [Values("zb-v", "v-half", "v-min")] string name, [Values(2, 3, 4, 6, 7)] int n)
    {
        for (var m = 1; m < 3 * n; m++)
            Assert.That(Of(m), Is.LessThan(Of(m + 1)), $"M = {m}");

        double Of(int m) => Makespan(Schedules.Create(name, n, m));
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

    private static double Makespan(Schedule schedule) =>
        Simulator.Summarize(schedule, StageCosts.Uniform(schedule.Stages)).Makespan;

    [Test]
    public void DualPipeV_pairs_forwards_of_one_stage_with_backwards_of_the_other() =>
        Assert.That(Schedules.DualPipeV(2, 4).ToCsv(), Is.EqualTo(
            """
            0F0,0F1,0F2,3F0,3I0,3W0,3F1,(0F3;3B1)OVERLAP_F_B,(3F2;0B0)OVERLAP_F_B,3B2,(3F3;0B1)OVERLAP_F_B,3B3,0I2,0W2,0I3,0W3
            1F0,2F0,1F1,2F1,1F2,2B0,(2F2;1B0)OVERLAP_F_B,(1F3;2B1)OVERLAP_F_B,(2F3;1B1)OVERLAP_F_B,2B2,1B2,2I3,1I3,2W3,1W3

            """.ReplaceLineEndings("\n")));
}
