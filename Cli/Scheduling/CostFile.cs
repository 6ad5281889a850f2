using System.Text.Json;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>Costs of stages as a JSON file: F, I and W of each stage for one microbatch, and the transfer after it.</summary>
/// <param name="Unit">What the times mean: <c>seconds</c> when measured, or <c>units</c>.</param>
/// <param name="Forward">F of each stage.</param>
/// <param name="Inputs">I of each stage.</param>
/// <param name="Weights">W of each stage.</param>
/// <param name="Links">The way from each stage to the next, one less than stages; none for free transfers.</param>
/// <param name="Memory">The bytes each stage holds per microbatch; none to count microbatches.</param>
/// <param name="BackLinks">The way back; none where it is the same.</param>
/// <param name="AllReduce">The sum of each stage's gradients after its last W; none for nothing to sum.</param>
internal sealed record CostFile(
    TimeUnit Unit, IReadOnlyList<double>? Forward, IReadOnlyList<double>? Inputs, IReadOnlyList<double>? Weights,
    IReadOnlyList<Link>? Links = null, IReadOnlyList<StageMemory>? Memory = null, IReadOnlyList<Link>? BackLinks = null,
    IReadOnlyList<double>? AllReduce = null)
{
    /// <summary>The file's text for some costs.</summary>
    public static string Write(StageCosts costs) => Json.ToPage(Of(costs));

    /// <summary>The file of some costs.</summary>
    public static CostFile Of(StageCosts costs) => new(
        costs.Unit, costs.Forward, costs.Inputs, costs.Weights, costs.Links, costs.Memory, costs.BackLinks,
        costs.AllReduce.Any(time => time > 0) ? costs.AllReduce : null);

    /// <summary>Reads costs back.</summary>
    /// <exception cref="ScheduleFileException">The file cannot be read, or holds something else.</exception>
    public static StageCosts Read(string path)
    {
        try
        {
            CostFile file = Json.Parse<CostFile>(ScheduleFile.Text(path)) ?? throw new JsonException("it is null");
            if (file is not { Forward: { Count: > 0 } forward, Inputs: { } inputs, Weights: { } weights })
                throw new JsonException("forward, inputs and weights are needed");
            StageCosts costs = new([.. forward], [.. inputs], [.. weights], [.. file.Links ?? []], file.Unit);
            if (file.BackLinks is { } back) costs = costs with { BackLinks = [.. back] };
            if (file.AllReduce is { } sums) costs = costs with { AllReduce = [.. sums] };
            return file.Memory is null ? costs : costs with { Memory = [.. file.Memory] };
        }
        catch (Exception error) when (error is JsonException or ScheduleException)
        {
            throw new ScheduleFileException($"{path} holds no costs: {error.Message.Split('\n')[0].Trim()}",
                """it has the form {"unit":"seconds","forward":[..],"inputs":[..],"weights":[..],"links":[..]}""", error);
        }
    }
}
