using System.Runtime.InteropServices;

namespace AutogradCore.Kernels.Simt;

/// <summary>What a parked thread waits for. Passed as a semaphore of the C library where there is one, which costs one system
/// call on either side; a monitor costs several.</summary>
internal sealed unsafe partial class Baton
{
    private const int SemaphoreBytes = 128; // 32 in the C libraries of 64-bit Linux

    private readonly object _gate = new();
    private readonly void* _semaphore;
    private bool _passed;

    public Baton()
    {
        if (!OperatingSystem.IsLinux()) return;
        _semaphore = NativeMemory.AlignedAlloc(SemaphoreBytes, 64);
        try
        {
            if (sem_init(_semaphore, 0, 0) == 0) return;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
        }
        NativeMemory.AlignedFree(_semaphore);
        _semaphore = null;
    }

    ~Baton()
    {
        if (_semaphore is null) return;
        _ = sem_destroy(_semaphore);
        NativeMemory.AlignedFree(_semaphore);
    }

    /// <summary>Lets the thread go on that waits, or the next one that will.</summary>
    public void Pass()
    {
        if (_semaphore is not null)
        {
            _ = sem_post(_semaphore);
            GC.KeepAlive(this);
            return;
        }
        lock (_gate)
        {
            _passed = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Waits for <see cref="Pass"/>.</summary>
    public void Take()
    {
        if (_semaphore is not null)
        {
            while (sem_wait(_semaphore) != 0)
            {
                // a signal came first
            }
            GC.KeepAlive(this);
            return;
        }
        lock (_gate)
        {
            while (!_passed) Monitor.Wait(_gate);
            _passed = false;
        }
    }

    [LibraryImport("libc")]
    private static partial int sem_init(void* semaphore, int isShared, uint value);

    [LibraryImport("libc")]
    private static partial int sem_destroy(void* semaphore);

    [LibraryImport("libc")]
    private static partial int sem_post(void* semaphore);

    [LibraryImport("libc")]
    private static partial int sem_wait(void* semaphore);
}
