using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Backends;

/// <summary>Every verb on BFloat16 is the verb on floats with each result rounded once.</summary>
[TestFixtureSource(typeof(BackendCases), nameof(BackendCases.Singles))]
public sealed class BFloat16VerbTests(BackendCase on)
{
    private static IEnumerable<string> Exact => RoundedVerbs.Exact.Keys;

    private static IEnumerable<string> Others => RoundedVerbs.Others.Keys;

    [Test]
    public void An_exact_verb_gives_the_rounding_of_the_float_result(
        [ValueSource(nameof(Exact))] string verb, [Values] bool adds) => Compare(RoundedVerbs.Exact[verb], adds, slack: 0);

    /// <remarks>Backends may differ in floats by what the order of additions does: for sums this short less than 2^-14 of the
    /// largest, a small part of the roundoff 2^-8.</remarks>
    [Test]
    public void A_verb_gives_the_float_result_rounded_once(
        [ValueSource(nameof(Others))] string verb, [Values] bool adds) =>
        Compare(RoundedVerbs.Others[verb], adds, slack: Math.ScaleB(1, -14));

    [Test]
    public void A_number_of_a_tensor_is_that_of_the_same_floats()
    {
        using RoundedOperands o = new(on.Open(), DType.BFloat16), wide = new(on.Open(), DType.Float32);
        double expected = wide.Backend.SquaredNorm(wide.In([6, 33]));
        Assert.That(o.Backend.SquaredNorm(o.In([6, 33])), Is.EqualTo(expected).Within(1e-12 * expected));
        Assert.That(o.Backend.IsFinite(o.In([33])));
        View y = o.Result([33]);
        o.Backend.Fill(y.Slice(0, 7, 1), double.PositiveInfinity);
        Assert.That(o.Backend.IsFinite(y), Is.False);
    }

    [Test]
    public void GemmMap_and_a_residual_have_the_bits_of_verbs_in_a_row()
    {
        using RoundedOperands o = new(on.Open(), DType.BFloat16);
        View a = o.In([9, 17]), b = o.In([17, 6]), bias = o.Floats([6]), residual = o.In([9, 6]);
        View c = o.Result([9, 6]), y = o.Result([9, 6]), product = o.Result([9, 6]), mapped = o.Result([9, 6]);
        View together = o.Result([9, 6]);
        o.Backend.GemmMap<Relu.Function>(a, b, bias, c, y);
        o.Backend.Gemm(a, b, Into(product), bias);
        o.Backend.Map<Relu.Function>(product, Into(mapped));
        o.Backend.Gemm(a, b, Into(together), bias, residual);
        double[][] results = [.. o.Results().Select(r => r.Values)];
        Assert.That(results[0], Is.EqualTo(results[2]), "product");
        Assert.That(results[1], Is.EqualTo(results[3]), "function");
        o.Backend.Copy(residual, AddTo(product));
        Assert.That(o.Results().ElementAt(4).Values, Is.EqualTo(o.Results().ElementAt(2).Values), "residual");
    }

    [Test]
    public void Conversions_are_those_of_the_type_for_every_pattern()
    {
        using IBackend backend = on.Open();
        BFloat16[] all = [.. Enumerable.Range(0, 1 << 16).Select(bits => new BFloat16((ushort)bits))];
        using Tensor narrow = Tensor.From<BFloat16>(backend, all, [1 << 16]), wide = new(backend, [1 << 16]);
        backend.Cast(narrow.View, Into(wide.View));
        float[] floats = wide.ToArray<float>();
        for (int i = 0; i < floats.Length; i++)
            Assert.That(floats[i], Is.EqualTo((float)all[i]), $"pattern {i:X4}");
        foreach (uint lower in new uint[] { 0, 1, 0x7fff, 0x8000, 0x8001, 0xffff })
        {
            float[] between =
                [.. Enumerable.Range(0, 1 << 16).Select(i => BitConverter.UInt32BitsToSingle((uint)i << 16 | lower))];
            wide.CopyFrom<float>(between);
            backend.Cast(wide.View, Into(narrow.View));
            BFloat16[] rounded = narrow.ToArray<BFloat16>();
            for (int i = 0; i < rounded.Length; i++)
                if (float.IsNaN(between[i])) Assert.That((float)rounded[i], Is.NaN);
                else Assert.That(rounded[i], Is.EqualTo((BFloat16)between[i]), $"pattern {i:X4}{lower:X4}");
        }
    }

    private void Compare(Action<RoundedOperands, bool> verb, bool adds, double slack)
    {
        using RoundedOperands expected = new(new ReferenceBackend(), DType.Float32), found = new(on.Open(), DType.BFloat16);
        verb(expected, adds);
        verb(found, adds);
        foreach (((_, double[] exact), (DType dtype, double[] values)) in expected.Results().Zip(found.Results()))
        {
            double far = slack * exact.Max(Math.Abs), unit = dtype == DType.BFloat16 ? BFloat16.UnitRoundoff : 0;
            for (int i = 0; i < exact.Length; i++)
            {
                if (slack == 0 && dtype == DType.BFloat16) Assert.That(values[i], Is.EqualTo((float)(BFloat16)(float)exact[i]));
                else Assert.That(values[i], Is.EqualTo(exact[i]).Within(unit * Math.Abs(exact[i]) + far * (1 + unit)), $"{i}");
            }
        }
    }
}
