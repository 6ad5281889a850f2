using AutogradCore.Nn;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

public sealed class LayerSplitTests
{
    [Test]
    public void The_dearest_stage_is_as_cheap_as_in_the_best_of_all_cuts(
        [Range(1, 8)] int layers, [Values(1ul, 2ul, 3ul)] ulong seed)
    {
        RandomStream random = RandomStream.Named("costs", seed);
        double[] costs = [.. Enumerable.Range(0, layers).Select(i => Math.Round(10 * random.UniformDouble(i)))];
        for (int stages = 1; stages <= layers; stages++)
        {
            int[] starts = LayerSplit.Balance(costs, stages);
            string text = $"seed {seed}: {string.Join(' ', costs)} in {stages} stages: {string.Join(' ', starts)}";
            Assert.That(starts, Has.Length.EqualTo(stages), text);
            Assert.That(starts[0], Is.Zero, text);
            Assert.That(starts, Is.Ordered.And.Unique, text);
            Assert.That(Dearest(costs, starts), Is.EqualTo(AllCuts(layers, stages).Min(c => Dearest(costs, c))), text);
        }
    }

    [Test]
    public void Among_equals_the_first_stages_get_fewer_layers()
    {
        Assert.That(LayerSplit.Balance([1, 1, 1, 1, 1], 2), Is.EqualTo(new[] { 0, 2 }));
        Assert.That(LayerSplit.Balance([0, 0, 0], 3), Is.EqualTo(new[] { 0, 1, 2 }));
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(4)]
    public void An_impossible_number_of_stages_is_refused(int stages) =>
        Assert.That(() => LayerSplit.Balance([1, 2, 3], stages),
            Throws.TypeOf<ModelException>().With.Message.Contains($"3 layers do not split into {stages} stages"));

    private static double Dearest(double[] costs, int[] starts) =>
        Enumerable.Range(0, starts.Length).Max(
            s => costs[starts[s]..(s + 1 < starts.Length ? starts[s + 1] : costs.Length)].Sum());

    private static IEnumerable<int[]> AllCuts(int layers, int stages) => Enumerable.Range(0, 1 << layers)
        .Where(mask => (mask & 1) != 0 && System.Numerics.BitOperations.PopCount((uint)mask) == stages)
        .Select(mask => Enumerable.Range(0, layers).Where(i => (mask >> i & 1) != 0).ToArray());
}
