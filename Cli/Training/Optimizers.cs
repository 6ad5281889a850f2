using AutogradCore.Optim;

namespace AutogradCore.Cli;

/// <summary>The optimizers that <c>train</c> knows by name.</summary>
internal static class Optimizers
{
    /// <summary>The name that checkpoints without one mean.</summary>
    public const string Standard = "adamw";

    private static readonly Dictionary<string, Func<IReadOnlyList<Parameter>, LearningRate, Optimizer>> Known = new()
    {
        [Standard] = (parameters, rate) => new AdamW(parameters, rate, beta2: 0.99),
        ["momentum"] = (parameters, rate) => new Sgd(parameters, rate, momentum: 0.9),
        ["sgd"] = (parameters, rate) => new Sgd(parameters, rate),
    };

    /// <summary>The names.</summary>
    public static IEnumerable<string> Names => Known.Keys;

    /// <summary>The optimizer of a stage.</summary>
    public static Optimizer Create(string name, IReadOnlyList<Parameter> parameters, LearningRate rate) =>
        Known[name](parameters, rate);
}
