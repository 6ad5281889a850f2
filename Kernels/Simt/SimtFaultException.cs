namespace AutogradCore.Kernels.Simt;

/// <summary>A fault that the emulator saw in a kernel: which one, and where.</summary>
public sealed class SimtFaultException : KernelException
{
    internal SimtFaultException(SimtFault fault, string kernel, Lane lane, Site site, string what, string hint)
        : base($"{fault} in kernel {kernel}, group {lane.Group.Index}, lane {lane.Index}, at {site}: {what}", hint)
    {
        (Fault, Kernel, Group, Lane, File, Line) =
            (fault, kernel, lane.Group.Index, lane.Index, Path.GetFileName(site.File), site.Line);
    }

    /// <summary>What happened.</summary>
    public SimtFault Fault { get; }

    /// <summary>The kernel's name.</summary>
    public string Kernel { get; }

    /// <summary>The group within the grid, counted x first.</summary>
    public int Group { get; }

    /// <summary>The lane within the group.</summary>
    public int Lane { get; }

    /// <summary>The source file without its folder.</summary>
    public string File { get; }

    /// <summary>The line of the source, from 1.</summary>
    public int Line { get; }
}
