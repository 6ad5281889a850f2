namespace AutogradCore.Pipeline;

/// <summary>A schedule that cannot run: which rank, step and action, what it needs, and a picture of the place.</summary>
public sealed class ScheduleException : AutogradException
{
    /// <summary>Creates the error for one violated rule.</summary>
    /// <param name="violation">What was violated, and where.</param>
    /// <param name="picture">The schedule around the place as a grid, with the cell marked; empty when there is none.</param>
    internal ScheduleException(ScheduleViolation violation, string picture)
        : base(violation.Message + (picture.Length == 0 ? "" : Environment.NewLine + picture), violation.Rule.Demands) =>
        Violation = violation;

    /// <summary>Creates the error for parameters that describe no schedule at all.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="hint">The next step.</param>
    public ScheduleException(string message, string hint)
        : base(message, hint)
    {
    }

    /// <summary>The violated rule and its place; null when the error is not about one action.</summary>
    public ScheduleViolation? Violation { get; }

    /// <summary>The name of the violated rule, or null.</summary>
    public string? Rule => Violation?.Rule.Name;

    /// <summary>The rank, or null.</summary>
    public int? Rank => Violation?.Rank;

    /// <summary>The position in the rank's list, from 0, or null.</summary>
    public int? Step => Violation?.Step;

    /// <summary>The action that cannot run, or null.</summary>
    public Action? Action => Violation?.Action;

    /// <summary>What it needs first, or null.</summary>
    public Action? Needs => Violation?.Needs;
}
