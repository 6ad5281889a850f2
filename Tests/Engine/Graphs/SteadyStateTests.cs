using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Graphs;

/// <summary>A graph that runs the same recording again asks the system for no memory and makes next to no garbage.</summary>
public sealed class SteadyStateTests
{
    [Test]
    public void Steps_after_the_first_take_no_memory_from_the_system()
    {
        using TinyGpt gpt = new();
        using Recording step = gpt.Record();
        // the first takes activations, the second what parameter gradients took from those
        for (int i = 0; i < 2; i++) Train(step, i);
        long allocations = gpt.Backend.Memory.SystemAllocations, reserved = gpt.Backend.Memory.ReservedBytes;
        for (int i = 2; i <= 20; i++) Train(step, i);
        Assert.That(gpt.Backend.Memory.SystemAllocations, Is.EqualTo(allocations));
        Assert.That(gpt.Backend.Memory.ReservedBytes, Is.EqualTo(reserved));
    }

    [Test]
    public void I_and_W_in_one_hold_less_than_one_after_the_other_and_give_the_same_bits()
    {
        using TinyGpt gpt = new(dropout: 0.1);
        using Recording step = gpt.Record();
        Train(step, 0);
        long[] peaks = new long[2];
        long[][][] bits = new long[2][][];
        for (int whole = 0; whole < 2; whole++)
        {
            gpt.ZeroGradient();
            gpt.Backend.Memory.ResetPeak();
            if (whole == 0)
            {
                Train(step, 1);
            }
            else
            {
                step.Forward(1);
                step.Graph.Backward(step.Loss);
            }
            (peaks[whole], bits[whole]) = (gpt.Backend.Memory.PeakBytes, Bits.OfGradients(gpt.Parameters));
        }
        Assert.That(peaks[1], Is.LessThan(peaks[0]));
        Assert.That(bits[1], Is.EqualTo(bits[0]));
    }

    [Test]
    public void A_steady_step_makes_no_garbage_at_all()
    {
        using TinyGpt gpt = new(dropout: 0.1);
        using Recording step = gpt.Record();
        Assert.That(BytesOf(i => Train(step, i)), Is.Zero);
    }

    [Test]
    public void A_steady_step_of_several_fused_microbatches_makes_no_garbage_either()
    {
        using TinyGpt gpt = new();
        using Recording first = gpt.Record(), second = gpt.Record();
        Graph[] graphs = [first.Graph, second.Graph];
        Assert.That(BytesOf(i =>
        {
            foreach (Recording step in (ReadOnlySpan<Recording>)[first, second])
            {
                step.Forward(i);
                step.Graph.BackwardInputs(step.Loss);
            }
            Graph.BackwardWeights(graphs);
        }), Is.Zero);
    }

    /// <summary>Managed bytes that ten steps allocate on this thread after three to warm up.</summary>
    private static long BytesOf(Action<int> step)
    {
        for (int i = 0; i < 3; i++) step(i);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++) step(i);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    [Test]
    public void Graphs_that_come_and_go_leave_the_pool_as_it_was()
    {
        using TinyGpt gpt = new();
        int outstanding = gpt.Backend.Memory.Outstanding;
        using (Recording first = gpt.Record()) Train(first, 0);
        int afterFirst = gpt.Backend.Memory.Outstanding;
        Assert.That(afterFirst - outstanding, Is.EqualTo(gpt.Parameters.Count), "the parameters' gradients");
        for (int i = 0; i < 5; i++)
        {
            using Recording next = gpt.Record();
            next.Forward(i);
            if (i % 2 == 0) next.Graph.BackwardInputs(next.Loss);
        }
        Assert.That(gpt.Backend.Memory.Outstanding, Is.EqualTo(afterFirst), "given up in the middle or not");
    }

    [Test]
    public void Poisoning_freed_memory_changes_no_bit()
    {
        using TinyGpt gpt = new(dropout: 0.2);
        long[][][] bits = new long[2][][];
        for (int poison = 0; poison < 2; poison++)
        {
            using Recording step = gpt.Record(poison == 1);
            for (int i = 0; i < 2; i++) Train(step, i);
            bits[poison] = Bits.OfGradients(gpt.Parameters);
            gpt.ZeroGradient();
        }
        Assert.That(bits[1], Is.EqualTo(bits[0]));
    }

    private static void Train(Recording step, int number)
    {
        step.Forward(number);
        step.Graph.BackwardInputs(step.Loss);
        step.Graph.BackwardWeights();
    }
}
