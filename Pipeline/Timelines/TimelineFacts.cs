namespace AutogradCore.Pipeline;

/// <summary>A timeline, and what the page derives from it.</summary>
internal sealed class TimelineFacts
{
    internal TimelineFacts(Timeline timeline)
    {
        Timeline = timeline;
        Order = new(timeline);
        Chain = TimelineChain.Of(timeline, Order);
        Steps = TimelineSteps.Of(timeline, Order);
        Held = HeldCurve.Of(timeline);
    }

    internal Timeline Timeline { get; }

    internal TimelineOrder Order { get; }

    internal TimelineChain Chain { get; }

    internal int[] Steps { get; }

    internal HeldCurve Held { get; }
}
