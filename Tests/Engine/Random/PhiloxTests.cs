using System.Text;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

public sealed class PhiloxTests
{
    /// <summary>kat_vectors of the Random123 distribution, "philox4x32 10".</summary>
    [TestCase(0ul, 0ul, 0ul, "6627e8d5 e169c58d bc57ac4c 9b00dbd8")]
    [TestCase(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, "408f276d 41c83b0e a20bc7c6 6d5451fd")]
    [TestCase(0x299f31d0a4093822ul, 0x85a308d3243f6a88ul, 0x0370734413198a2eul, "d16cfe09 94fdcceb 5001e420 24126ea1")]
    public void Block_gives_the_published_known_answers(ulong key, ulong low, ulong high, string expected)
    {
        PhiloxBlock b = Philox.Block(key, low, high);
        Assert.That($"{b.X0:x8} {b.X1:x8} {b.X2:x8} {b.X3:x8}", Is.EqualTo(expected));
        Assert.That(new[] { b[0], b[1], b[2], b[3] }, Is.EqualTo(new[] { b.X0, b.X1, b.X2, b.X3 }));
    }

    [Test]
    public void Uniform_values_reach_zero_and_stay_below_one()
    {
        Assert.That(Philox.UniformSingle(0), Is.Zero);
        Assert.That(Philox.UniformSingle(uint.MaxValue), Is.EqualTo(1f - (1f / (1 << 24))).And.LessThan(1f));
        Assert.That(Philox.UniformDouble(0), Is.Zero);
        Assert.That(Philox.UniformDouble(ulong.MaxValue), Is.EqualTo(1.0 - (1.0 / (1UL << 53))).And.LessThan(1.0));
    }

    [Test]
    public void Normals_are_finite_at_the_ends_of_the_uniform_range()
    {
        (double zero, _) = Philox.Normals(default);
        (double far, double none) = Philox.Normals(new PhiloxBlock(uint.MaxValue, uint.MaxValue, 0, 0));
        Assert.That(zero, Is.Zero);
        Assert.That(far, Is.EqualTo(Math.Sqrt(106 * Math.Log(2))).Within(1e-12));
        Assert.That(none, Is.Zero);
    }

    [Test]
    public void Below_reaches_both_ends_and_never_the_bound()
    {
        Assert.That(Philox.Below(0, 10), Is.Zero);
        Assert.That(Philox.Below(ulong.MaxValue, 10), Is.EqualTo(9));
        Assert.That(Philox.Below(ulong.MaxValue, long.MaxValue), Is.EqualTo(long.MaxValue - 1));
        Assert.That(Philox.Below(ulong.MaxValue, 1), Is.Zero);
        Assert.That(() => Philox.Below(1, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    /// <summary>Published values: FNV-1a of the empty string, "a" and "foobar";
    /// the first output of SplitMix64 from seed 0.</summary>
    [Test]
    public void Hash_and_mixer_give_the_published_known_answers()
    {
        Assert.That(Philox.Fnv1a([]), Is.EqualTo(0xcbf29ce484222325));
        Assert.That(Philox.Fnv1a("a"u8), Is.EqualTo(0xaf63dc4c8601ec8c));
        Assert.That(Philox.Fnv1a("foobar"u8), Is.EqualTo(0x85944171f73967e8));
        Assert.That(Philox.Mix(0x9E3779B97F4A7C15), Is.EqualTo(0xE220A8397B1DCDAF));
    }

    [Test]
    public void KeyOf_depends_on_every_character_and_on_the_seed()
    {
        string[] names = ["", "a", "b", "ab", "ba", "mlp.up.weight", "mlp.up.bias", "é", "e"];
        ulong[] keys =
            [.. from name in names from seed in new ulong[] { 0, 1, 2, ulong.MaxValue } select Philox.KeyOf(name, seed)];
        Assert.That(keys, Is.Unique);
        Assert.That(Philox.KeyOf("w", 7), Is.EqualTo(Philox.KeyOf(new StringBuilder("w").ToString(), 7)));
    }
}
