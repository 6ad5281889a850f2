namespace AutogradCore.Interop;

/// <summary>What NCCL's functions return: <c>ncclResult_t</c>.</summary>
public enum NcclResult
{
    /// <summary>It worked.</summary>
    Success,

    /// <summary>A call of CUDA's failed inside.</summary>
    UnhandledCudaError,

    /// <summary>A call of the operating system's failed inside.</summary>
    SystemError,

    /// <summary>NCCL found itself in a state that it should not be in.</summary>
    InternalError,

    /// <summary>An argument is wrong.</summary>
    InvalidArgument,

    /// <summary>The call does not fit those before it, or those of other ranks.</summary>
    InvalidUsage,

    /// <summary>A peer is gone.</summary>
    RemoteError,

    /// <summary>A non-blocking call goes on in the background.</summary>
    InProgress,

    /// <summary>A wait inside ended without what was waited for; since 2.30.</summary>
    Timeout,
}
