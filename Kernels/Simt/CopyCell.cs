namespace AutogradCore.Kernels.Simt;

/// <summary>The copies under way that read or write a few bytes. They end with their group at the latest.</summary>
internal struct CopyCell
{
    private int _launch, _group, _readers;
    private bool _isTarget;

    /// <summary>Who started the last of them, and where.</summary>
    public int Lane { get; private set; }

    /// <inheritdoc cref="Lane"/>
    public int Line { get; private set; }

    /// <summary>What the bytes are to a copy that an access must wait for; null where there is none. Many may read
    /// together.</summary>
    public readonly string? Refuses(in ShadowCell.Access by, AccessKind kind) =>
        _launch != by.Launch || _group != by.Group ? null
        : _isTarget ? "written"
        : _readers > 0 && kind != AccessKind.Read ? "read"
        : null;

    public void Begin(in ShadowCell.Access by, AccessKind kind)
    {
        if (_launch != by.Launch || _group != by.Group) this = default;
        (_launch, _group, Lane, Line) = (by.Launch, by.Group, by.Lane, by.Line);
        if (kind == AccessKind.Write) _isTarget = true;
        else _readers++;
    }

    public void End(AccessKind kind)
    {
        if (kind == AccessKind.Write) _isTarget = false;
        else _readers--;
    }
}
