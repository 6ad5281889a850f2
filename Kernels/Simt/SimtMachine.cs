using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels.Simt;

/// <summary>Runs kernels on the CPU, lane by lane, with real barriers, shuffles and shared memory, and reports what a GPU would
/// do silently. Groups run one after another, so every launch gives the same bits.</summary>
/// <remarks>For tests, not for speed: a lane costs some ten nanoseconds per access, and some microseconds per barrier or
/// shuffle.</remarks>
internal sealed class SimtMachine : IDisposable
{
    private const int MostSpare = 1024;

    private static readonly Dictionary<int, Stack<LaneThread>> s_spare = [];

    private static int s_threads;

    [ThreadStatic]
    private static int t_core;

    private readonly Lock _gate = new();
    private readonly Stack<LaneThread> _idle = new();
    private readonly Dictionary<nint, SimtMemory> _memory = [];
    private readonly int? _core = Core();
    private int _launches;

    /// <summary>A machine built as <paramref name="options"/> say.</summary>
    /// <exception cref="ArgumentException">The options do not describe a machine.</exception>
    public SimtMachine(SimtOptions? options = null) => Options = (options ?? new()).Check();

    /// <summary>How the machine is built.</summary>
    public SimtOptions Options { get; }

    /// <summary>Bytes of global memory that are left; null where there is no limit.</summary>
    public long? FreeBytes
    {
        get
        {
            lock (_gate) return Options.MemoryBytes - _memory.Values.Sum(m => m.Bytes);
        }
    }

    /// <summary>Global memory; its content is undefined.</summary>
    /// <exception cref="OutOfMemoryException">The machine has no more.</exception>
    public nint Allocate(long bytes)
    {
        if (FreeBytes < bytes) throw new InsufficientMemoryException($"The emulated machine has {FreeBytes:N0} bytes left.");
        nint pointer = HostMemory.Allocate(Math.Max(bytes, 1));
        lock (_gate) _memory.Add(pointer, new(pointer, bytes, Space.Global, granule: 4));
        return pointer;
    }

    /// <summary>Gives memory from <see cref="Allocate"/> back.</summary>
    public void Free(nint pointer)
    {
        lock (_gate) _memory.Remove(pointer);
        HostMemory.Free(pointer);
    }

    /// <summary>A window for kernels onto a block from <see cref="Allocate"/>.</summary>
    /// <param name="pointer">The block's start.</param>
    /// <param name="offset">Elements before the first one.</param>
    /// <param name="length">How many elements.</param>
    public unsafe ArrayView<T> View<T>(nint pointer, long offset, long length) where T : unmanaged
    {
        lock (_gate) return new(_memory[pointer], offset * sizeof(T), length);
    }

    /// <summary>Runs a kernel for every lane of every group.</summary>
    /// <exception cref="SimtFaultException">A lane did what it must not.</exception>
    /// <exception cref="KernelException">A lane threw, or the launch does not fit the machine.</exception>
    public void Launch<TArguments>(Action<TArguments> kernel, in LaunchShape shape, TArguments arguments)
        where TArguments : struct
    {
        string name = KernelName.Of(kernel.Method);
        if (shape.Group < 1 || shape.Group > Options.MaxGroupSize)
            throw new KernelException($"Kernel {name} cannot be launched as {shape}: the machine has groups of up to "
                + $"{Options.MaxGroupSize} lanes.");
        if (shape.SharedBytes > Options.OptInSharedBytes)
            throw shape.Refused(name, fixedBytes: 0, Options.OptInSharedBytes);
        lock (_gate)
        {
            using LaneCore core = new(_core);
            LaneGroup group = new(this, name, shape, ++_launches);
            using GroupMemory memory = group.Memory;
            for (int i = 0; i < shape.Groups; i++) group.Run(i, () => kernel(arguments));
        }
    }

    /// <summary>Leaves the machine's threads to later machines on its core: starting some hundreds takes as long as a
    /// kernel.</summary>
    public void Dispose()
    {
        lock (s_spare)
        {
            Stack<LaneThread> spare = Spare();
            while (_idle.TryPop(out LaneThread? thread))
            {
                thread.Group = null;
                if (spare.Count < MostSpare) spare.Push(thread);
                else thread.Stop();
            }
        }
    }

    /// <summary>An idle thread for a group's next lane.</summary>
    internal LaneThread Thread(LaneGroup group)
    {
        LaneThread thread = _idle.TryPop(out LaneThread? idle) ? idle : Taken() ?? LaneThread.Start(_core);
        thread.Group = group;
        return thread;
    }

    private LaneThread? Taken()
    {
        lock (s_spare) return Spare().TryPop(out LaneThread? thread) ? thread : null;
    }

    /// <summary>Parked threads of the core that no machine has.</summary>
    private Stack<LaneThread> Spare()
    {
        int core = _core ?? -1;
        if (!s_spare.TryGetValue(core, out Stack<LaneThread>? spare)) s_spare.Add(core, spare = new());
        return spare;
    }

    /// <summary>Takes a thread back that has no lane any more.</summary>
    internal void Rest(LaneThread thread) => _idle.Push(thread);

    /// <summary>One of the process's cores: the same for all machines that a thread makes, since they work one after another as a
    /// rule; threads take the cores in turns.</summary>
    private static int? Core()
    {
        if (CoreAffinity.Available is not { Count: > 0 } cores) return null;
        if (t_core == 0) t_core = 1 + (int)((uint)Interlocked.Increment(ref s_threads) % (uint)cores.Count);
        return cores[t_core - 1];
    }

    internal static KernelException Failed(string kernel, in LaunchShape shape, Lane lane, Exception error) => new(
        $"{error.Message} (kernel {kernel}, launched as {shape}, group {lane.Group.Index}, lane {lane.Index})", null, error);
}
