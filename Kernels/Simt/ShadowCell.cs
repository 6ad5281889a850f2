namespace AutogradCore.Kernels.Simt;

/// <summary>Who last wrote and last read a few bytes, and in which launch, group and interval between barriers.</summary>
internal struct ShadowCell
{
    /// <summary>Stands for more than one group or lane.</summary>
    private const int Several = -2;

    private Access _write, _read;

    /// <summary>Whether anything was ever written here.</summary>
    public readonly bool IsWritten => _write.Launch != 0;

    /// <summary>Notes a read; gives back the write that it races with, if any.</summary>
    public Access? Read(in Access by)
    {
        Access? conflict = _write.RacesWith(by) ? _write : null;
        if (_read.Launch != by.Launch) _read = by;
        else if (_read.Group != by.Group) _read.Group = Several;
        else if (_read.Epoch != by.Epoch) _read = by;
        else if (_read.Lane != by.Lane) _read.Lane = Several;
        return conflict;
    }

    /// <summary>Notes a write; gives back the access that it races with, if any. Atomics do not race with each other.</summary>
    public Access? Write(in Access by)
    {
        Access? conflict =
            _write.RacesWith(by) && !(by.IsAtomic && _write.IsAtomic) ? _write
            : _read.RacesWith(by) && !(by.IsAtomic && _read.IsAtomic) ? _read
            : null;
        _write = by;
        return conflict;
    }

    /// <summary>One access: launches count from 1, so that zeros mean none.</summary>
    public struct Access
    {
        public int Launch, Group, Epoch, Lane, Line;
        public bool IsAtomic;

        /// <summary>Whether nothing orders the two: another group of the launch, or another lane before the next
        /// barrier.</summary>
        public readonly bool RacesWith(in Access other) =>
            Launch == other.Launch && (Group != other.Group || (Epoch == other.Epoch && Lane != other.Lane));
    }
}
