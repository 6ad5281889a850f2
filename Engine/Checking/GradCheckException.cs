namespace AutogradCore.Checking;

/// <summary>A gradient check that failed; carries the report.</summary>
public sealed class GradCheckException(GradCheckReport report)
    : AutogradException(report.ToString(), "compare the rule with the formula in the op's summary, operand by operand")
{
    /// <summary>What was found.</summary>
    public GradCheckReport Report { get; } = report;
}

/// <summary>A gradient check put together so that it could find nothing: no floating operand, or no floating result.</summary>
public sealed class GradCheckSetupException(string message, string? hint = null) : AutogradException(message, hint);
