namespace AutogradCore.Interop;

/// <summary>Calls that start together, from the group's opening to <see cref="End"/>, on one thread.</summary>
/// <remarks>Its members stay alive until it has ended, also when somebody aborts them meanwhile. Disposing without
/// <see cref="End"/>, as an exception does, ends it too, or the thread would be in a group for ever.</remarks>
internal readonly unsafe ref struct NcclGroup
{
    private readonly Nccl _nccl;
    private readonly Held _held;

    internal NcclGroup(Nccl nccl, scoped ReadOnlySpan<NcclCommunicator> members)
    {
        _nccl = nccl;
        _held = new Held(members);
        try
        {
            nccl.Check("ncclGroupStart", nccl.Library.Functions.GroupStart());
        }
        catch
        {
            _held.Release();
            throw;
        }
    }

    /// <summary>Starts what was called. For non-blocking members, <see cref="NcclCommunicator.WaitUntilReady"/> comes
    /// next.</summary>
    public void End()
    {
        if (!_held.Any) throw new InvalidOperationException("The group has ended.");
        try
        {
            _nccl.Check("ncclGroupEnd", _nccl.Library.Functions.GroupEnd());
        }
        finally
        {
            _held.Release();
        }
    }

    /// <summary>Ends the group if nobody did.</summary>
    public void Dispose()
    {
        if (!_held.Any) return;
        _ = _nccl.Library.Functions.GroupEnd(); // the error that brought us here is the one to tell
        _nccl.MakeCurrent();
        _held.Release();
    }

    /// <summary>References to the members, until they are given back.</summary>
    private sealed class Held
    {
        private readonly List<NcclCommunicator> _members = [];

        public Held(ReadOnlySpan<NcclCommunicator> members)
        {
            if (members.IsEmpty) throw new ArgumentException("A group needs a member.", nameof(members));
            try
            {
                foreach (NcclCommunicator member in members)
                {
                    bool added = false;
                    member.DangerousAddRef(ref added);
                    _members.Add(member);
                }
            }
            catch
            {
                Release();
                throw;
            }
        }

        public bool Any => _members.Count > 0;

        public void Release()
        {
            foreach (NcclCommunicator member in _members) member.DangerousRelease();
            _members.Clear();
        }
    }
}
