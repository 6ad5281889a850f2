namespace AutogradCore.Interop;

/// <summary>A CUDA device as <see cref="NcclSelfTest"/> needs it; called from several threads, one at a time, but for
/// <see cref="MakeCurrent"/>.</summary>
public interface INcclDevice
{
    /// <summary>The stream that NCCL is to queue on: a <c>cudaStream_t</c> of the device's primary context; 0 is the null
    /// stream.</summary>
    nint Stream { get; }

    /// <summary>Device memory.</summary>
    nint Allocate(long bytes);

    /// <summary>Gives memory of <see cref="Allocate"/> back.</summary>
    void Free(nint memory);

    /// <summary>Copies to the start of memory of <see cref="Allocate"/>, before what is queued on <see cref="Stream"/>
    /// next.</summary>
    void Upload(ReadOnlySpan<byte> from, nint to);

    /// <summary>Copies from the start of memory of <see cref="Allocate"/>, after what is queued on
    /// <see cref="Stream"/>.</summary>
    void Download(nint from, Span<byte> into);

    /// <summary>Makes the primary context current on the calling thread, whatever NCCL did there.</summary>
    void MakeCurrent();

    /// <summary>Waits for <see cref="Stream"/>.</summary>
    void Synchronize();
}
