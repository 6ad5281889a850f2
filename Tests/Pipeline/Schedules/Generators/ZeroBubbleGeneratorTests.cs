using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

/// <summary>ZB-H1 and ZB-H2 against the closed forms of arXiv 2401.10241.</summary>
public sealed class ZeroBubbleGeneratorTests
{
    [Test]
    public void H1_defers_as_many_weights_as_the_rank_s_number() =>
        Assert.That(Schedules.ZBH1(2, 4).ToCsv(), Is.EqualTo(
            """
            0F0,0F1,0I0,0W0,0F2,0I1,0W1,0F3,0I2,0W2,0I3,0W3
            1F0,1I0,1F1,1I1,1W0,1F2,1I2,1W1,1F3,1I3,1W2,1W3

            """.ReplaceLineEndings("\n")));

    [Test]
    public void H2_warms_up_twice_as_long() =>
        Assert.That(Schedules.ZBH2(2, 4).ToCsv(), Is.EqualTo(
            """
            0F0,0F1,0F2,0I0,0W0,0F3,0I1,0W1,0I2,0W2,0I3,0W3
            1F0,1I0,1F1,1I1,1F2,1I2,1W0,1F3,1I3,1W1,1W2,1W3

            """.ReplaceLineEndings("\n")));

    [Test]
    public void H1_has_a_third_of_the_bubble_of_1F1B_at_unit_cost([Range(2, 16)] int n)
    {
        foreach (var m in new[] { n, n + 1, 2 * n, 4 * n })
        {
            Assert.That(Idle.InMakespan(Schedules.ZBH1(n, m)), Is.EqualTo(n - 1), $"M = {m}");
            Assert.That(Idle.InMakespan(Schedules.OneForwardOneBackward(n, m)), Is.EqualTo(3 * (n - 1)), $"M = {m}");
        }
    }

    [Test]
    public void H2_has_no_bubble_at_unit_cost([Range(2, 16)] int n)
    {
        foreach (var m in new[] { 2 * n - 1, 2 * n, 4 * n })
        {
            Assert.That(Idle.InSpan(Schedules.ZBH2(n, m)), Is.Zero, $"M = {m}");
            Assert.That(Idle.InMakespan(Schedules.ZBH2(n, m)), Is.EqualTo(n - 1), $"M = {m}: each rank starts an F later");
        }
    }

    [Test]
    public void Bubbles_at_any_costs_follow_from_F_I_and_W()
    {
        const int seed = 2401;
        var random = new Random(seed);
        for (var trial = 0; trial < 300; trial++)
        {
            var n = random.Next(2, 12);
            var (f, i, w) = (0.1 + random.NextDouble(), 0.1 + random.NextDouble(), 0.1 + random.NextDouble());
            var costs = StageCosts.Uniform(n, f, i, w);
            var where = $"seed {seed}, trial {trial}: N {n}, F {f}, I {i}, W {w}";
            Assert.That(Idle.InMakespan(Schedules.ZBH1(n, random.Next(n, 4 * n)), costs),
                Is.EqualTo((n - 1) * Math.Max(f + i - w, Math.Max(f, i))).Within(1e-9), where);
            Assert.That(Idle.InSpan(Schedules.ZBH2(n, random.Next(2 * n - 1, 4 * n)), costs),
                Is.EqualTo((n - 1) * Math.Max(f + i - 2 * w, Math.Max(i - f, 0))).Within(1e-9), where);
        }
    }

    [Test]
    public void No_rank_of_H1_holds_more_than_the_first_of_1F1B([Range(1, 16)] int n)
    {
        var peaks = HeldState.Peaks(Schedules.ZBH1(n, 3 * n));
        Assert.That(peaks.Select(p => p.Either), Is.All.EqualTo(n));
        Assert.That(peaks.Select(p => p.Forward), Is.EqualTo(Enumerable.Range(0, n).Select(r => n - r)));
    }

    [Test]
    public void H2_holds_2N_minus_1([Range(1, 16)] int n) =>
        Assert.That(Idle.Held(Schedules.ZBH2(n, 3 * n)), Is.All.EqualTo(2 * n - 1));
}
