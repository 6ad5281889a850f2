using AutogradCore.Nn;

namespace AutogradCore.Tests.Engine.Graphs;

/// <summary>Small models whose weights are used once, twice, tied and reworked, by name;
/// and whether they read token ids.</summary>
internal static class FusedModels
{
    public static readonly Dictionary<string, (Func<Module> Make, bool Ids)> All = new()
    {
        ["Linear"] = (() => new Linear(4, 3), false),
        ["Linear without bias"] = (() => new Linear(4, 3, bias: false), false),
        ["LayerNorm"] = (() => new LayerNorm(4), false),
        ["RmsNorm"] = (() => new RmsNorm(4), false),
        ["Embedding"] = (() => new Embedding(5, 4), true),
        ["tied weights"] = (() => new Tied(), true),
        ["reworked weights"] = (() => new Reworked(), false),
        ["Mlp"] = (() => new Sequential(new LayerNorm(4), new Mlp(4), new Linear(4, 1)), false),
    };

    private sealed class Tied : Module
    {
        private readonly Parameter _table = new([5, 4], Initializer.Normal(1));

        public override Value Forward(Value x)
        {
            Value table = x.Graph.Parameter(_table);
            return table.Embedding(x).Tanh().Linear(table);
        }
    }

    private sealed class Reworked : Module
    {
        private readonly Parameter _weight = new([4, 4], Initializer.Normal(1));

        public override Value Forward(Value x)
        {
            Value w = x.Graph.Parameter(_weight);
            return x.Linear(w.Tanh()) + x.Linear(w);
        }
    }
}
