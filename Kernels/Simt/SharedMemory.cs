namespace AutogradCore.Kernels.Simt;

/// <summary>Memory that the lanes of a group share for as long as the group runs.</summary>
public static class SharedMemory
{
    /// <summary>A block of a fixed length: the same one for every lane that makes its n-th allocation.</summary>
    public static ArrayView<T> Allocate<T>(int length) where T : unmanaged => Lane.Current.Shared<T>(length);

    /// <summary>The block whose size the launch gave.</summary>
    public static ArrayView<T> GetDynamic<T>() where T : unmanaged => Lane.Current.Group.Memory.Dynamic<T>();
}
