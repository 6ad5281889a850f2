using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

public sealed class BatchSamplerTests
{
    private static readonly byte[] Data = [.. Enumerable.Range(0, 200).Select(i => (byte)i)];

    [Test]
    public void Targets_are_the_inputs_one_byte_later()
    {
        var sampler = new BatchSampler(Data, batch: 4, timeSteps: 8, seed: 1);
        int[] inputs = new int[32], targets = new int[32];
        sampler.Fill(5, inputs, targets);
        for (int row = 0; row < 4; row++)
            for (int t = 0; t < 8; t++)
            {
                Assert.That(inputs[(row * 8) + t], Is.EqualTo(sampler.Start(5, row) + t));
                Assert.That(targets[(row * 8) + t], Is.EqualTo(inputs[(row * 8) + t] + 1));
            }
    }

    [Test]
    public void A_batch_depends_on_seed_and_step_only()
    {
        int[] Inputs(ulong seed, long step)
        {
            int[] inputs = new int[32];
            new BatchSampler(Data, 4, 8, seed).Fill(step, inputs, new int[32]);
            return inputs;
        }

        int[] once = Inputs(1, 7);
        Assert.That(Inputs(1, 7), Is.EqualTo(once));
        Assert.That(Inputs(1, 8), Is.Not.EqualTo(once));
        Assert.That(Inputs(2, 7), Is.Not.EqualTo(once));
    }

    [Test]
    public void Every_window_is_drawn_and_none_reaches_past_the_end()
    {
        var sampler = new BatchSampler(Data.AsMemory(0, 20), batch: 10, timeSteps: 8, seed: 3);
        var starts = new SortedSet<int>(
            from step in Enumerable.Range(0, 100) from row in Enumerable.Range(0, 10) select sampler.Start(step, row));
        Assert.That(starts, Is.EqualTo(Enumerable.Range(0, 12)));
    }

    [Test]
    public void Data_of_exactly_one_window_gives_that_window()
    {
        int[] inputs = new int[8], targets = new int[8];
        new BatchSampler(Data.AsMemory(0, 9), 1, 8, 0).Fill(0, inputs, targets);
        Assert.That(inputs, Is.EqualTo(Enumerable.Range(0, 8)));
        Assert.That(targets, Is.EqualTo(Enumerable.Range(1, 8)));
    }

    [Test]
    public void Data_shorter_than_a_window_is_an_error_with_both_lengths()
    {
        foreach (Action make in new Action[]
        {
            () => _ = new BatchSampler(Data.AsMemory(0, 8), 1, 8, 0), () => _ = new EvaluationWindows(Data.AsMemory(0, 8), 8),
        })
            Assert.That(make, Throws.TypeOf<CorpusException>().With.Message.Contains("needs 9 bytes and the data has 8"));
    }

    [Test]
    public void Destinations_of_the_wrong_length_are_refused()
        => Assert.That(
            () => new BatchSampler(Data, 2, 8, 0).Fill(0, new int[16], new int[15]),
            Throws.TypeOf<ArgumentException>().With.Message.Contains("15").And.Message.Contains("16"));

    [TestCase(9, 1)]
    [TestCase(16, 1)]
    [TestCase(17, 2)]
    [TestCase(200, 24)]
    public void Evaluation_windows_predict_each_byte_once_and_in_order(int length, int count)
    {
        var windows = new EvaluationWindows(Data.AsMemory(0, length), timeSteps: 8);
        Assert.That(windows.Count, Is.EqualTo(count));
        var predicted = new List<int>();
        int[] inputs = new int[8], targets = new int[8];
        for (int i = 0; i < windows.Count; i++)
        {
            windows.Fill(i, inputs, targets);
            predicted.AddRange(targets);
            Assert.That(inputs[0], Is.EqualTo(i * 8));
        }
        Assert.That(predicted, Is.EqualTo(Enumerable.Range(1, count * 8)));
    }
}
