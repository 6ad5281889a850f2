using System.Reflection;
using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Backends;

/// <summary>The table of verbs and element types: each verb in each floating type gives what the reference gives, and what moves
/// elements does so in every type.</summary>
[Parallelizable]
[TestFixtureSource(typeof(BackendCases), nameof(BackendCases.Singles))]
public sealed class VerbTableTests(BackendCase on)
{
    private static readonly double[] Numbers = [0, 1, -1, 2.75, -3.5, 0.1, 255, 256.5, 3e9, -3e9, 1e30, double.NaN];

    [Test]
    public void Every_verb_has_a_row()
    {
        IEnumerable<string> verbs = typeof(IBackend).GetMethods(BindingFlags.Public | BindingFlags.Instance)
            .Where(m => !m.IsSpecialName && m.GetParameters().Any(p => Takes(p.ParameterType))).Select(m => m.Name);
        Assert.That(verbs.Distinct().Except(RoundedVerbs.All.Keys.Select(name => name.Split(' ')[0])),
            Is.EquivalentTo(new[] { nameof(IBackend.Upload), nameof(IBackend.Download) }), "other tests here take these");
    }

    [Test]
    public void Every_verb_gives_the_references_result_in_every_floating_type(
        [Values(DType.Float32, DType.Float64, DType.BFloat16)] DType dtype)
    {
        foreach ((string row, Action<RoundedOperands, bool> verb) in RoundedVerbs.All)
        {
            using RoundedOperands expected = new(new ReferenceBackend(), dtype), found = new(on.Open(), dtype);
            verb(expected, false);
            verb(found, false);
            double slack = Math.ScaleB(1, dtype == DType.Float64 ? -40 : -14);
            foreach (((_, double[] exact), (DType stored, double[] values)) in expected.Results().Zip(found.Results()))
            {
                double far = slack * exact.Max(Math.Abs), unit = stored == DType.BFloat16 ? 2 * BFloat16.UnitRoundoff : 0;
                for (int i = 0; i < exact.Length; i++)
                    Assert.That(values[i], Is.EqualTo(exact[i]).Within(unit * Math.Abs(exact[i]) + far), $"{row}, {stored}[{i}]");
            }
        }
    }

    [Test]
    public void Cast_goes_between_every_pair_of_types([Values] DType from, [Values] DType to, [Values] bool adds)
    {
        using Operands on = Open(), reference = new(new ReferenceBackend());
        double[] numbers =
            [.. Numbers.Where(value => from.IsFloating() || Math.Abs(value) < 1000).Select(value => Stored(value, from))];
        View x = on.Place([numbers.Length], numbers, Layout.Dense, from);
        View y = on.Place([numbers.Length], [.. numbers.Select(_ => 1.0)], Layout.Dense, to);
        View exactX = reference.Place([numbers.Length], numbers, Layout.Dense, from);
        View exact = reference.Place([numbers.Length], [.. numbers.Select(_ => 1.0)], Layout.Dense, to);
        if (adds && to == DType.Bool)
        {
            Assert.Throws<DTypeException>(() => on.Backend.Cast(x, AddTo(y)));
            return;
        }
        on.Backend.Cast(x, adds ? AddTo(y) : Into(y));
        reference.Backend.Cast(exactX, adds ? AddTo(exact) : Into(exact));
        Assert.That(on.Read(y), Is.EqualTo(reference.Read(exact)));
        if (!adds) Assert.That(reference.Read(exact), Is.EqualTo(numbers.Select(value => Stored(value, to))));
    }

    [Test]
    public void Copies_stay_within_a_type_but_for_floats_and_rounded_ones([Values] DType from, [Values] DType to)
    {
        using Operands on = Open();
        View x = on.Place([3], [1, 0, 1], Layout.Dense, from), y = on.Place([3], [0, 0, 0], Layout.Dense, to);
        bool meets = from == to || (from.Sums() == to.Sums() && from.IsFloating());
        if (meets) on.Backend.Copy(x, Into(y));
        else Assert.Throws<DTypeException>(() => on.Backend.Copy(x, Into(y)));
        Assert.That(on.Read(y), Is.EqualTo(meets ? new double[] { 1, 0, 1 } : [0, 0, 0]));
    }

    [Test]
    public void Fill_stores_a_number_as_a_cast_would([Values] DType dtype, [ValueSource(nameof(Numbers))] double value)
    {
        using Operands on = Open();
        View y = on.Place([5], [1, 1, 1, 1, 1], Layout.Dense, dtype);
        on.Backend.Fill(y, value);
        Assert.That(on.Read(y), Is.All.EqualTo(Stored(value, dtype)));
    }

    [Test]
    public void Uploads_and_downloads_keep_every_type([Values] DType dtype)
    {
        using Operands on = Open();
        Assert.That(on.Read(on.Place([3], [1, 0, 1], Layout.Dense, dtype)), Is.EqualTo(new double[] { 1, 0, 1 }));
    }

    private Operands Open() => new(on.Open());

    private static bool Takes(Type type) =>
        type.GetElementType() is { } t ? t == typeof(View) || t == typeof(Destination) : type == typeof(ReadOnlySpan<GemmTerm>);

    /// <summary>A number as a type stores it: integers truncated and saturated, masks whether it is not 0.</summary>
    private static double Stored(double x, DType dtype) => dtype switch
    {
        DType.Float32 => (float)x,
        DType.BFloat16 => (float)(BFloat16)(float)x,
        DType.Int32 => double.IsNaN(x) ? 0 : int.CreateSaturating(x),
        DType.Bool => x == 0 ? 0 : 1,
        _ => x,
    };
}
