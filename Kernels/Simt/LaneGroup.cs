using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels.Simt;

/// <summary>Runs the lanes of one group after another, one lane at a time and in a fixed order, from meeting to
/// meeting.</summary>
/// <remarks>A lane that must wait keeps its thread's stack, and another thread goes on with the next lane. A kernel without
/// meetings runs on the launching thread alone.</remarks>
internal sealed class LaneGroup
{
    private readonly LaneThread _caller = LaneThread.OfCaller();
    private readonly int[] _order, _atShuffle;
    private Action _body = () => { };
    private Exception? _failure;
    private int _cursor, _remaining, _atBarrier;

    public LaneGroup(SimtMachine machine, string kernel, LaunchShape shape, int launch)
    {
        (Machine, Kernel, Shape, Launch) = (machine, kernel, shape, launch);
        Lanes = [.. Enumerable.Range(0, shape.Group).Select(i => new Lane(this, i))];
        Memory = new GroupMemory(this);
        _order = new int[Size];
        _atShuffle = new int[(Size + machine.Options.WarpSize - 1) / machine.Options.WarpSize];
    }

    public SimtMachine Machine { get; }

    public string Kernel { get; }

    public LaunchShape Shape { get; }

    public int Launch { get; }

    public Lane[] Lanes { get; }

    public GroupMemory Memory { get; }

    public int Size => Lanes.Length;

    public int Index { get; private set; }

    public int X => Index % Shape.GridX;

    public int Y => Index / Shape.GridX % Shape.GridY;

    public int Z => Index / Shape.GridX / Shape.GridY;

    /// <summary>Barriers that the present group has passed.</summary>
    public int Epoch { get; private set; }

    /// <summary>Runs one group of the grid.</summary>
    /// <exception cref="Exception">What a lane threw.</exception>
    public void Run(int index, Action body)
    {
        (Index, Epoch, _cursor, _remaining, _atBarrier, _failure, _body) = (index, 0, 0, Size, 0, null, body);
        Array.Clear(_atShuffle);
        foreach (Lane lane in Lanes) lane.Reset();
        Memory.Reset();
        Order();
        if (!Drive(_caller)) _caller.Park();
        if (_failure is not null) throw _failure;
    }

    /// <summary>Waits until all lanes of the group, or of the warp, have come.</summary>
    public void Meet(Lane lane, Meeting meeting, in Site site)
    {
        (lane.At, lane.State) = ((meeting, site), LaneState.Waiting);
        if (meeting == Meeting.Barrier) MeetGroup();
        else MeetWarp(lane.Warp);
        Lane? next = Next();
        if (next is null)
        {
            Fail(Divergence.Of(this));
            next = Next();
        }
        if (next != lane)
        {
            Resume(next!);
            lane.Thread!.Park();
        }
        if (_failure is not null) throw new AbortedException();
        _cursor = lane.Position + 1;
    }

    /// <summary>Runs lanes on a thread until another thread must go on, or none is left.</summary>
    /// <returns>Whether the launching thread drove the last lane itself; otherwise it is woken.</returns>
    public bool Drive(LaneThread thread)
    {
        while (true)
        {
            Lane? next = Next();
            if (next is null && _remaining > 0) Fail(Divergence.Of(this));
            else if (next is null || next.Thread is not null)
            {
                LaneThread other = next?.Thread ?? _caller;
                if (other == thread) return true;
                if (thread != _caller) Machine.Rest(thread);
                other.Wake();
                return false;
            }
            else Run(next, thread);
        }
    }

    private void Run(Lane lane, LaneThread thread)
    {
        (lane.Thread, lane.State, _cursor) = (thread, LaneState.Runnable, lane.Position + 1);
        Lane.Current = lane;
        try
        {
            _body();
        }
        catch (AbortedException)
        {
        }
        catch (Exception error)
        {
            Fail(error is SimtFaultException ? error : SimtMachine.Failed(Kernel, Shape, lane, error));
        }
        lane.State = LaneState.Done;
        _remaining--;
    }

    /// <summary>The next lane in order that can go on; after a failure, the next one to be unwound.</summary>
    private Lane? Next()
    {
        for (int i = 0; i < Size; i++)
        {
            Lane lane = Lanes[_order[(_cursor + i) % Size]];
            if (lane.State is LaneState.Fresh or LaneState.Runnable || (lane.State == LaneState.Waiting && _failure is not null))
                return lane;
        }
        return null;
    }

    private void Resume(Lane lane)
    {
        LaneThread thread = lane.Thread ?? Machine.Thread(this);
        thread.Wake();
    }

    private void MeetGroup()
    {
        if (++_atBarrier < Size) return;
        _atBarrier = 0;
        Epoch++;
        Free(Lanes);
    }

    private void MeetWarp(int warp)
    {
        int size = Machine.Options.WarpSize, first = warp * size, count = Math.Min(size, Size - first);
        if (++_atShuffle[warp] < count) return;
        _atShuffle[warp] = 0;
        Free(Lanes.AsSpan(first, count));
    }

    /// <summary>Lets lanes go on that met, if they met at one place.</summary>
    private void Free(ReadOnlySpan<Lane> lanes)
    {
        foreach (Lane lane in lanes)
            if (lane.At != lanes[0].At)
            {
                Fail(Divergence.Of(this));
                return;
            }
        foreach (Lane lane in lanes) lane.State = LaneState.Runnable;
    }

    private void Fail(Exception error)
    {
        _failure ??= error;
        foreach (Lane lane in Lanes)
        {
            if (lane.State != LaneState.Fresh) continue;
            lane.State = LaneState.Done;
            _remaining--;
        }
    }

    /// <summary>Warps in ascending order, or in one drawn for this group; lanes ascend within a warp.</summary>
    private void Order()
    {
        int size = Machine.Options.WarpSize;
        int[] warps = [.. Enumerable.Range(0, _atShuffle.Length)];
        if (Machine.Options.WarpOrderSeed is { } seed)
        {
            RandomStream random = new(seed, (ulong)Index);
            for (int i = warps.Length - 1; i > 0; i--)
            {
                int j = (int)random.Below(i, i + 1);
                (warps[i], warps[j]) = (warps[j], warps[i]);
            }
        }
        int position = 0;
        foreach (int warp in warps)
            for (int i = warp * size; i < Math.Min(Size, (warp + 1) * size); i++)
            {
                Lanes[i].Position = position;
                _order[position++] = i;
            }
    }

    /// <summary>Unwinds a lane after another one failed.</summary>
    private sealed class AbortedException : Exception;
}
