using System.Text.Json;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>Costs of stages as a JSON file: F, I and W of each stage for one microbatch, and the transfer after it.</summary>
/// <param name="Unit">What the times mean: <c>seconds</c> when measured, or <c>units</c>.</param>
/// <param name="Forward">F of each stage.</param>
/// <param name="Inputs">I of each stage.</param>
/// <param name="Weights">W of each stage.</param>
/// <param name="Links">The time of a transfer from each stage to the next, one less than stages; none for free ones.</param>
/// <param name="Memory">The bytes each stage holds per microbatch; none to count microbatches.</param>
internal sealed record CostFile(
    TimeUnit Unit, IReadOnlyList<double>? Forward, IReadOnlyList<double>? Inputs, IReadOnlyList<double>? Weights,
    IReadOnlyList<double>? Links = null, IReadOnlyList<StageMemory>? Memory = null)
{
    /// <summary>The file's text for some costs.</summary>
    public static string Write(StageCosts costs) => Json.ToPage(Of(costs));

    /// <summary>The file of some costs.</summary>
    public static CostFile Of(StageCosts costs) => new(
        costs.Unit, costs.Forward, costs.Inputs, costs.Weights, [.. costs.Links.Select(link => link.Time)], costs.Memory);

    /// <summary>Reads costs back.</summary>
    /// <exception cref="ScheduleFileException">The file cannot be read, or holds something else.</exception>
    public static StageCosts Read(string path)
    {
        try
        {
            CostFile file = Json.Parse<CostFile>(ScheduleFile.Text(path)) ?? throw new JsonException("it is null");
            if (file is not { Forward: { Count: > 0 } forward, Inputs: { } inputs, Weights: { } weights })
                throw new JsonException("forward, inputs and weights are needed");
            Link[] links = [.. (file.Links ?? []).Select(time => new Link(time))];
            StageCosts costs = new([.. forward], [.. inputs], [.. weights], [.. links], file.Unit);
            return file.Memory is null ? costs : costs with { Memory = [.. file.Memory] };
        }
        catch (Exception error) when (error is JsonException or ScheduleException)
        {
            throw new ScheduleFileException($"{path} holds no costs: {error.Message.Split('\n')[0].Trim()}",
                """it has the form {"unit":"seconds","forward":[..],"inputs":[..],"weights":[..],"links":[..]}""", error);
        }
    }
}
