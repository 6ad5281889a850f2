using AutogradCore.Pipeline;

namespace AutogradCore.Examples;

/// <summary>The README's picture: 1F1B on four stages without and with 2BP, at equal costs.</summary>
public static class SchedulePicture
{
    /// <summary>Simulates both and draws them on one time axis.</summary>
    /// <returns>An SVG document.</returns>
    public static string Draw()
    {
        const int stages = 4, microbatches = 4;
        StageCosts costs = StageCosts.Uniform(stages);
        Schedule plain = Schedules.OneForwardOneBackward(stages, microbatches);
        Schedule split = SplitBackward.Apply(plain, TwoStage.Fill);
        return TimelineSvg.Draw(
            [Simulator.Run(plain, costs).Named("1F1B"), Simulator.Run(split, costs).Named("1F1B with 2BP")],
            "The same work on four stages: weight gradients (W) fill the bubbles");
    }
}
