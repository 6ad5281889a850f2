namespace AutogradCore.Kernels.Simt;

/// <summary>A thread that runs lanes. Exactly one of a launch's threads runs at any moment: the others are parked.</summary>
internal sealed class LaneThread
{
    private const int StackBytes = 512 * 1024;

    private readonly Baton _baton = new();
    private int? _core;
    private bool _stopped;

    private LaneThread()
    {
    }

    /// <summary>The group to take lanes from when the thread is woken next.</summary>
    public LaneGroup? Group { get; set; }

    /// <summary>The launching thread itself, which parks while others run.</summary>
    public static LaneThread OfCaller() => new();

    /// <summary>A new, parked thread.</summary>
    /// <param name="core">The core it stays on; null where threads cannot be pinned.</param>
    public static LaneThread Start(int? core)
    {
        LaneThread lanes = new() { _core = core };
        new Thread(lanes.Loop, StackBytes) { IsBackground = true, Name = "simt lanes" }.Start();
        return lanes;
    }

    /// <summary>Lets the thread go on.</summary>
    public void Wake()
    {
        _baton.Pass();
    }

    /// <summary>Stops until <see cref="Wake"/>.</summary>
    public void Park()
    {
        _baton.Take();
    }

    /// <summary>Ends a parked thread.</summary>
    public void Stop()
    {
        _stopped = true;
        Wake();
    }

    private void Loop()
    {
        if (_core is { } core) CoreAffinity.SetOwn([core]);
        while (true)
        {
            Park();
            if (_stopped) return;
            Group!.Drive(this);
        }
    }
}
