namespace AutogradCore.Kernels.Host;

/// <summary>Keeps whoever calls a pinned pool on the pool's first core, from its first call until another thread calls, or the
/// pool is disposed; then the thread may run again where it could before.</summary>
/// <remarks>A thread that goes from one pinned pool to another moves to the other's core, and goes back to its own cores when the
/// last one lets it go. What is remembered of a thread is where it may run, which is a property of that thread and of nothing
/// else.</remarks>
internal sealed class PinnedCaller(int core)
{
    [ThreadStatic]
    private static Pin? _ofThread;

    private static readonly Lock Gate = new();

    private Pin? _pin;

    /// <summary>Pins the calling thread, unless it is so already.</summary>
    public void Enter()
    {
        if (_ofThread is { } pin && ReferenceEquals(pin.Owner, this)) return;
        lock (Gate)
        {
            LetGo();
            pin = _ofThread ??= new Pin(CoreAffinity.Thread());
            if (pin.Owner is null) pin.Cores = CoreAffinity.Cores();
            if (CoreAffinity.Set(pin.Thread, [core])) (pin.Owner, _pin) = (this, pin);
        }
    }

    /// <summary>Lets the last caller run where it could before.</summary>
    public void Release()
    {
        lock (Gate) LetGo();
    }

    private void LetGo()
    {
        if (_pin is { } pin && ReferenceEquals(pin.Owner, this))
        {
            CoreAffinity.Set(pin.Thread, pin.Cores);
            pin.Owner = null;
        }
        _pin = null;
    }

    private sealed class Pin(int thread)
    {
        public int Thread => thread;

        public int[] Cores { get; set; } = [];

        public PinnedCaller? Owner { get; set; }
    }
}
