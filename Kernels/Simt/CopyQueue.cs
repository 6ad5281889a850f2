namespace AutogradCore.Kernels.Simt;

/// <summary>The copies that one lane has on their way, in groups as it made them.</summary>
internal sealed class CopyQueue(Lane lane)
{
    private readonly List<Copy> _started = [];
    private readonly Queue<Copy[]> _groups = new();

    public void Start(in Copy copy)
    {
        copy.Begin(lane);
        _started.Add(copy);
    }

    /// <summary>Makes a group of what was started since the last one, be it nothing.</summary>
    public void Commit()
    {
        _groups.Enqueue([.. _started]);
        _started.Clear();
    }

    /// <summary>Finishes groups, oldest first, until <paramref name="rest"/> are left; what is in none is not waited
    /// for.</summary>
    public void Wait(int rest)
    {
        while (_groups.Count > rest)
            foreach (Copy copy in _groups.Dequeue()) copy.Finish(lane);
    }

    /// <summary>Forgets what nobody waited for: the group has ended.</summary>
    public void Clear()
    {
        _started.Clear();
        _groups.Clear();
    }
}
