namespace AutogradCore.Kernels.Simt;

/// <summary>The grid of groups of the running launch.</summary>
public static class Grid
{
    /// <summary>The group's position along x.</summary>
    public static int IdxX => Lane.Current.Group.X;

    /// <summary>The group's position along y.</summary>
    public static int IdxY => Lane.Current.Group.Y;

    /// <summary>The group's position along z.</summary>
    public static int IdxZ => Lane.Current.Group.Z;

    /// <summary>Groups along x.</summary>
    public static int DimX => Lane.Current.Group.Shape.GridX;

    /// <summary>Groups along y.</summary>
    public static int DimY => Lane.Current.Group.Shape.GridY;

    /// <summary>Groups along z.</summary>
    public static int DimZ => Lane.Current.Group.Shape.GridZ;
}
