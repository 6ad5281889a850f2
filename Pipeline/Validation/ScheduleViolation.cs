namespace AutogradCore.Pipeline;

/// <summary>One place where a schedule breaks a rule.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Rank">The rank, from 0.</param>
/// <param name="Step">The position in the rank's list, from 0; the list's length when an action is missing altogether.</param>
/// <param name="Action">The action that cannot run there.</param>
/// <param name="Needs">The action it needs first, where there is one.</param>
/// <param name="Message">One or more lines: the place and what is wrong with it.</param>
public sealed record ScheduleViolation(ScheduleRule Rule, int Rank, int Step, Action Action, Action? Needs, string Message);
