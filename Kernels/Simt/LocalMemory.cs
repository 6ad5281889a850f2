namespace AutogradCore.Kernels.Simt;

/// <summary>Memory of one lane.</summary>
public static class LocalMemory
{
    /// <summary>A block of a fixed length that no other lane sees.</summary>
    public static ArrayView<T> Allocate<T>(int length) where T : unmanaged => Lane.Current.Local<T>(length);
}
