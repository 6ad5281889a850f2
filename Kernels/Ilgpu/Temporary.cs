namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Device memory for the length of a verb. Work on a device is ordered, so it may go back to the pool as soon as the
/// last kernel that uses it is queued.</summary>
internal readonly struct Temporary<T>(Buffer buffer, ArrayView<T> elements) : IDisposable where T : unmanaged
{
    /// <summary>The memory.</summary>
    public ArrayView<T> Elements => elements;

    /// <summary>Gives it back.</summary>
    public void Dispose() => buffer.Return();
}
