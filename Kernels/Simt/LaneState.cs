namespace AutogradCore.Kernels.Simt;

/// <summary>How far a lane has come.</summary>
internal enum LaneState
{
    /// <summary>Not begun.</summary>
    Fresh,

    /// <summary>On a thread, or free to go on with one.</summary>
    Runnable,

    /// <summary>At a barrier or shuffle that others have not reached.</summary>
    Waiting,

    /// <summary>Past its last statement.</summary>
    Done,
}
