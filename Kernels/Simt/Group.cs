using System.Runtime.CompilerServices;

namespace AutogradCore.Kernels.Simt;

/// <summary>The group that the running lane belongs to.</summary>
public static class Group
{
    /// <summary>The lane's position within its group.</summary>
    public static int IdxX => Lane.Current.Index;

    /// <summary>Lanes per group.</summary>
    public static int DimX => Lane.Current.Group.Size;

    /// <summary>Waits for all lanes of the group; what they wrote before is visible to all after.</summary>
    /// <exception cref="SimtFaultException">Not every lane comes to this barrier.</exception>
    public static void Barrier([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Lane.Current.Group.Meet(Lane.Current, Meeting.Barrier, new(file, line));
}
