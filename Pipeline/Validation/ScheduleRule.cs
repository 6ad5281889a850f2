namespace AutogradCore.Pipeline;

/// <summary>One rule that a schedule must keep.</summary>
public sealed record ScheduleRule
{
    internal ScheduleRule(string name, string demands, Func<ScheduleIndex, IEnumerable<Breach>> breaches)
    {
        Name = name;
        Demands = demands;
        Breaches = breaches;
    }

    /// <summary>A short name: <c>once</c>, <c>order</c> ...</summary>
    public string Name { get; }

    /// <summary>What the rule demands, in one sentence.</summary>
    public string Demands { get; }

    internal Func<ScheduleIndex, IEnumerable<Breach>> Breaches { get; }

    /// <summary>Where and how the rule is broken; <paramref name="Problem"/> continues "rank 1, step 7: ".</summary>
    internal readonly record struct Breach(int Rank, int Step, Action Action, Action? Needs, string Problem);

    internal IEnumerable<ScheduleViolation> Check(ScheduleIndex index) =>
        Breaches(index).Select(b =>
            new ScheduleViolation(this, b.Rank, b.Step, b.Action, b.Needs, $"rank {b.Rank}, step {b.Step}: {b.Problem}"));
}
