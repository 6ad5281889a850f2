namespace AutogradCore.Kernels.Simt;

/// <summary>A thread that runs lanes. Exactly one of a launch's threads runs at any moment: the others are parked.</summary>
internal sealed class LaneThread
{
    private const int StackBytes = 512 * 1024;

    private readonly object _gate = new();
    private bool _woken, _stopped;

    private LaneThread()
    {
    }

    /// <summary>The group to take lanes from when the thread is woken next.</summary>
    public LaneGroup? Group { get; set; }

    /// <summary>The launching thread itself, which parks while others run.</summary>
    public static LaneThread OfCaller() => new();

    /// <summary>A new, parked thread.</summary>
    public static LaneThread Start()
    {
        LaneThread lanes = new();
        new Thread(lanes.Loop, StackBytes) { IsBackground = true, Name = "simt lanes" }.Start();
        return lanes;
    }

    /// <summary>Lets the thread go on.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _woken = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Stops until <see cref="Wake"/>.</summary>
    public void Park()
    {
        lock (_gate)
        {
            while (!_woken) Monitor.Wait(_gate);
            _woken = false;
        }
    }

    /// <summary>Ends a parked thread.</summary>
    public void Stop()
    {
        _stopped = true;
        Wake();
    }

    private void Loop()
    {
        while (true)
        {
            Park();
            if (_stopped) return;
            Group!.Drive(this);
        }
    }
}
