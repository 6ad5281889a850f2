using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace AutogradCore.Kernels.Host;

/// <summary>A fixed set of threads that share the parts of one job at a time; the calling thread is one of them.</summary>
/// <remarks>
/// Idea: one 64-bit word holds (generation, parts left). A thread owns a part once its compare-exchange on that word succeeds,
/// and the caller cannot return before every owned part is done, so what describes the job stays valid for whoever owns a part.
/// A worker that wakes too late finds no parts left and harms nothing: the caller never waits for a worker that has no part.
/// Waiting is a brief spin, then sleep. Pools are independent of each other; one thread at a time may call a pool.
/// With cores, worker i stays on core i + 1, and whoever calls on core 0: see <see cref="PinnedCaller"/>.
/// </remarks>
internal sealed unsafe class WorkerPool : IDisposable
{
    private const int Spins = 2000;

    private readonly Thread[] _workers;
    private readonly object _wake = new();
    private readonly object _done = new();
    private readonly int _spins;
    private readonly PinnedCaller? _caller;
    private long _state;
    private delegate*<void*, int, void> _invoke;
    private void* _body;
    private int _parts;
    private int _completed;
    private int _sleepers;
    private bool _callerSleeps;
    private bool _stopping;
    private int _busy;
    private Exception? _failure;

    /// <summary>
    /// Starts <paramref name="threads"/> - 1 background threads; the caller of <see cref="Run"/> is the last one.
    /// </summary>
    /// <param name="threads">How many share a job, the caller included; no thread is started for 1.</param>
    /// <param name="cores">A core for each, or null to leave them where the system puts them.</param>
    public WorkerPool(int threads, IReadOnlyList<int>? cores = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Threads = threads;
        _caller = cores is null ? null : new PinnedCaller(cores[0]);
        _spins = threads <= Environment.ProcessorCount ? Spins : 0;
        _workers = new Thread[threads - 1];
        for (int i = 0; i < _workers.Length; i++)
        {
            int? core = cores?[i + 1];
            _workers[i] = new Thread(() => Work(core)) { IsBackground = true, Name = $"AutogradCore worker {i + 1}" };
            Start(i);
        }
    }

    /// <summary>How many threads share a job, the caller included.</summary>
    public int Threads { get; }

    /// <summary>Threads of the pool's own.</summary>
    public int Workers => _workers.Length;

    /// <summary>Runs parts 0 .. <paramref name="parts"/> - 1 and returns when all are done.</summary>
    /// <remarks>The first exception that a part throws is rethrown here, once; shared parts that remain still finish
    /// first.</remarks>
    /// <exception cref="InvalidOperationException">The pool is running a job already.</exception>
    /// <exception cref="ObjectDisposedException">The pool is disposed.</exception>
    public void Run<TBody>(int parts, in TBody body)
        where TBody : struct, IParallelBody
    {
        if (Interlocked.Exchange(ref _busy, 1) != 0)
        {
            throw new InvalidOperationException(
                "This worker pool is already running a job.\nHint: one caller at a time; give each stage its own pool.");
        }

        try
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _stopping), this);
            _caller?.Enter();
            TBody shared = body;
            if (parts <= 1 || Threads == 1)
            {
                for (int part = 0; part < parts; part++)
                    shared.Run(part);
                return;
            }

            _invoke = &Invoke<TBody>;
            _body = Unsafe.AsPointer(ref shared);
            _parts = parts;
            _completed = 0;
            Publish(parts);
            while (TryTake(out int part))
                Do(part);
            AwaitCompletion(parts);
            Exception? failure = _failure;
            _failure = null;
            if (failure is not null)
                ExceptionDispatchInfo.Throw(failure);
        }
        finally
        {
            Volatile.Write(ref _busy, 0);
        }
    }

    /// <summary>Stops the workers, waits for them to end, and lets the last caller run where it could before.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _stopping, true))
            return;
        Publish(0);
        foreach (Thread worker in _workers)
            worker.Join();
        _caller?.Release();
    }

    private static void Invoke<TBody>(void* body, int part)
        where TBody : struct, IParallelBody
        => Unsafe.AsRef<TBody>(body).Run(part);

    /// <summary>Starts one worker; where the system refuses, those before it end again.</summary>
    private void Start(int index)
    {
        try
        {
            _workers[index].Start();
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            Volatile.Write(ref _stopping, true);
            Publish(0);
            foreach (Thread worker in _workers.AsSpan(0, index)) worker.Join();
            throw new AllocationException($"The system does not start thread {index + 2} of {Threads}: {e.Message}",
                "use fewer threads", e);
        }
    }

    private void Publish(int parts)
    {
        long generation = (Volatile.Read(ref _state) >> 32) + 1;
        Interlocked.Exchange(ref _state, (generation << 32) | (uint)parts);
        if (Volatile.Read(ref _sleepers) == 0)
            return;
        lock (_wake)
            Monitor.PulseAll(_wake);
    }

    private bool TryTake(out int part)
    {
        long state = Volatile.Read(ref _state);
        while ((int)state > 0)
        {
            long seen = Interlocked.CompareExchange(ref _state, state - 1, state);
            if (seen == state)
            {
                part = _parts - (int)state;
                return true;
            }

            state = seen;
        }

        part = -1;
        return false;
    }

    private void Do(int part)
    {
        try
        {
            _invoke(_body, part);
        }
#pragma warning disable CA1031 // Whatever a part throws belongs to the caller, on the caller's thread.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref _failure, failure, null);
        }

        int parts = _parts;
        if (Interlocked.Increment(ref _completed) == parts && Volatile.Read(ref _callerSleeps))
        {
            lock (_done)
                Monitor.PulseAll(_done);
        }
    }

    private void AwaitCompletion(int parts)
    {
        for (int spin = 0; spin < _spins; spin++)
        {
            if (Volatile.Read(ref _completed) == parts)
                return;
            Thread.SpinWait(8);
        }

        lock (_done)
        {
            Volatile.Write(ref _callerSleeps, true);
            Interlocked.MemoryBarrier();
            while (Volatile.Read(ref _completed) != parts)
                Monitor.Wait(_done);
            _callerSleeps = false;
        }
    }

    private void Work(int? core)
    {
        if (core is { } own) CoreAffinity.Set(CoreAffinity.Thread(), [own]);
        while (!Volatile.Read(ref _stopping))
        {
            if (TryTake(out int part))
                Do(part);
            else
                AwaitParts();
        }
    }

    private void AwaitParts()
    {
        for (int spin = 0; spin < _spins; spin++)
        {
            if ((int)Volatile.Read(ref _state) > 0 || Volatile.Read(ref _stopping))
                return;
            Thread.SpinWait(8);
        }

        lock (_wake)
        {
            Interlocked.Increment(ref _sleepers);
            while ((int)Volatile.Read(ref _state) == 0 && !_stopping)
                Monitor.Wait(_wake);
            Interlocked.Decrement(ref _sleepers);
        }
    }
}
