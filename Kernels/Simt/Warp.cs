using System.Runtime.CompilerServices;

namespace AutogradCore.Kernels.Simt;

/// <summary>The warp that the running lane belongs to: lanes that exchange registers.</summary>
public static class Warp
{
    /// <summary>Lanes per warp.</summary>
    public static int WarpSize => Lane.Current.Group.Machine.Options.WarpSize;

    /// <summary>The lane's position within its warp.</summary>
    public static int LaneIdx => Lane.Current.Index % WarpSize;

    /// <summary>The warp's position within its group.</summary>
    public static int WarpIdx => Lane.Current.Index / WarpSize;

    /// <summary>The value of lane <paramref name="source"/>.</summary>
    public static T Shuffle<T>(T value, int source, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : unmanaged => Lane.Current.Exchange(value, source, new(file, line));

    /// <summary>The value of the lane <paramref name="delta"/> above; the own one where there is none.</summary>
    public static T ShuffleDown<T>(T value, int delta, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : unmanaged => Lane.Current.Exchange(value, LaneIdx + delta, new(file, line));

    /// <summary>The value of the lane <paramref name="delta"/> below; the own one where there is none.</summary>
    public static T ShuffleUp<T>(T value, int delta, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : unmanaged => Lane.Current.Exchange(value, LaneIdx - delta, new(file, line));

    /// <summary>The value of the lane whose number differs in the bits of <paramref name="mask"/>.</summary>
    public static T ShuffleXor<T>(T value, int mask, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : unmanaged => Lane.Current.Exchange(value, LaneIdx ^ mask, new(file, line));
}
