using System.Runtime.ExceptionServices;

namespace AutogradCore.Pipeline;

/// <summary>One lasting thread per rank, which all run one piece of work at a time. The first failure cancels the others and is
/// thrown when all have stopped.</summary>
internal sealed class RankThreads : IDisposable
{
    private readonly Thread[] _threads;
    private readonly Barrier _start, _end;
    private readonly Lock _gate = new();
    private Action<int>? _work;
    private CancellationTokenSource? _stop;
    private Exception? _failure;
    private bool _disposed;

    public RankThreads(int ranks)
    {
        _start = new Barrier(ranks + 1);
        _end = new Barrier(ranks + 1);
        _threads = new Thread[ranks];
        for (int rank = 0; rank < ranks; rank++)
        {
            int own = rank;
            _threads[rank] = new Thread(() => Loop(own)) { IsBackground = true, Name = $"rank {rank}" };
            _threads[rank].Start();
        }
    }

    /// <summary>Runs <paramref name="work"/> on every rank and waits for all.</summary>
    public void Run(Action<int> work, CancellationTokenSource stop)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        (_work, _stop, _failure) = (work, stop, null);
        _start.SignalAndWait();
        _end.SignalAndWait();
        if (_failure is not null) ExceptionDispatchInfo.Throw(_failure);
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _work = null;
        _start.SignalAndWait();
        foreach (Thread thread in _threads) thread.Join();
        _start.Dispose();
        _end.Dispose();
    }

    private void Loop(int rank)
    {
        while (true)
        {
            _start.SignalAndWait();
            if (_work is null) return;
            try
            {
                _work(rank);
            }
            catch (Exception e)
            {
                Fail(e);
            }
            _end.SignalAndWait();
        }
    }

    /// <summary>Keeps the first failure; a cancellation that follows from it does not replace it. Never throws: the others wait
    /// at the end.</summary>
    private void Fail(Exception failure)
    {
        lock (_gate)
        {
            bool tellsMore = _failure is OperationCanceledException && failure is not OperationCanceledException;
            if (_failure is null || tellsMore) _failure = failure;
        }
        try
        {
            _stop!.Cancel();
        }
        catch (AggregateException)
        {
            // What callbacks on the token threw: all of them have run, and the failure that led here says more.
        }
    }
}
