using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace AutogradCore.Pipeline;

/// <summary>Measures what a transport needs to bring a message from one rank's thread to another's, which waits for it.</summary>
/// <remarks>
/// Two threads throw a tensor to and fro, one message under way at a time; half the median of a round is one transfer: the copy
/// of the send, the hand-over, and waking the receiver. So it is what a rank feels that waits, on a machine with a free core for
/// each; a receiver that comes late finds the message there.
/// </remarks>
public sealed class LinkProbe(ITransport transport, IBackend here, IBackend there)
{
    private const int Warm = 5;

    /// <summary>Fits latency and bandwidth to sizes around that of a real message.</summary>
    /// <param name="bytes">The real message; a size of 0 is measured as it is.</param>
    /// <param name="rounds">How many rounds of each size are measured; at least 1.</param>
    public Link Measure(long bytes, int rounds = 41)
    {
        long[] sizes = bytes == 0 ? [0] : [.. new[] { bytes / 4, bytes / 2, bytes, 2 * bytes, 4 * bytes }.Distinct()];
        return LinkFit.Of([.. sizes.Select(size => ((double)size, Seconds(size, rounds)))]) with { Bytes = bytes };
    }

    /// <summary>The median time of one transfer of a number of bytes.</summary>
    /// <param name="bytes">0 or more; a part of a float is left out.</param>
    /// <param name="rounds">How many rounds are measured; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is smaller.</exception>
    public double Seconds(long bytes, int rounds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        double[] seconds = new double[rounds];
        using CancellationTokenSource stop = new();
        Exception? failure = null;
        Thread far = new(() => Guard(() => Answer(bytes, Warm + rounds, stop.Token))) { IsBackground = true };
        far.Start();
        Guard(() => Throw(bytes, seconds, stop.Token));
        far.Join();
        if (failure is not null)
        {
            transport.Clear();
            ExceptionDispatchInfo.Throw(failure);
        }
        return Profiler.Median(seconds) / 2;

        // One side's failure ends the other's wait, whose cancellation then says nothing.
        void Guard(System.Action work)
        {
            try
            {
                work();
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref failure, e, null);
                stop.Cancel();
            }
        }
    }

    private void Throw(long bytes, double[] seconds, CancellationToken cancellation)
    {
        using Tensor data = Filled(here, bytes);
        for (int round = 0; round < Warm + seconds.Length; round++)
        {
            long start = Stopwatch.GetTimestamp();
            transport.Send(Out(round), data.View, here);
            transport.Receive(Back(round), cancellation).Dispose();
            if (round >= Warm) seconds[round - Warm] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    private void Answer(long bytes, int rounds, CancellationToken cancellation)
    {
        using Tensor data = Filled(there, bytes);
        for (int round = 0; round < rounds; round++)
        {
            transport.Receive(Out(round), cancellation).Dispose();
            transport.Send(Back(round), data.View, there);
        }
    }

    private static Tensor Filled(IBackend backend, long bytes)
    {
        float[] elements = new float[bytes / sizeof(float)];
        return Tensor.From<float>(backend, elements, [elements.Length]);
    }

    private static Message Out(int round) => new Action(1, ActionKind.ReceiveForward, round);

    private static Message Back(int round) => new Action(0, ActionKind.ReceiveBackward, round);
}
