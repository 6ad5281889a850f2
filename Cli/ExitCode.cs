using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>What the process tells its caller.</summary>
internal enum ExitCode
{
    /// <summary>Done.</summary>
    Ok = 0,

    /// <summary>A check found something wrong.</summary>
    CheckFailed = 1,

    /// <summary>Unknown options, or options that do not fit together or the model.</summary>
    Usage = 2,

    /// <summary>Data or a checkpoint that cannot be read or written, or does not fit.</summary>
    Data = 3,

    /// <summary>NaN or infinity in the loss or a gradient.</summary>
    Anomaly = 4,

    /// <summary>The machine has not enough memory for the sizes asked for.</summary>
    Memory = 5,

    /// <summary>A defect of the program itself.</summary>
    Internal = 70,

    /// <summary>Interrupted; training has saved a checkpoint first.</summary>
    Interrupted = 130,
}

/// <summary>Which error gives which exit code.</summary>
internal static class ExitCodes
{
    /// <summary>The lines of the help text.</summary>
    public static IReadOnlyList<(ExitCode Code, string Meaning)> All { get; } =
    [
        (ExitCode.Ok, "done"),
        (ExitCode.CheckFailed, "a check found something wrong"),
        (ExitCode.Usage, "unknown options, or options that do not fit together or the model"),
        (ExitCode.Data, "data or a checkpoint cannot be read or written, or does not fit"),
        (ExitCode.Anomaly, "NaN or infinity in the loss or a gradient; the last checkpoint is unchanged"),
        (ExitCode.Memory, "not enough memory for these sizes"),
        (ExitCode.Internal, "a defect of this program"),
        (ExitCode.Interrupted, "interrupted; training saves a checkpoint first"),
    ];

    public static ExitCode Of(Exception error) => error switch
    {
        OperationCanceledException => ExitCode.Interrupted,
        AnomalyException => ExitCode.Anomaly,
        CheckpointException or CorpusException or OutputException or ScheduleFileException => ExitCode.Data,
        ScheduleFormatException or ScheduleException { Violation: not null } => ExitCode.Data,
        AllocationException or OutOfMemoryException => ExitCode.Memory,
        AutogradException { InnerException: AutogradException inner } => Of(inner),
        PipelineException { InnerException: { } inner } => Of(inner),
        AutogradException => ExitCode.Usage,
        IOException or UnauthorizedAccessException => ExitCode.Data,
        _ => ExitCode.Internal,
    };
}
