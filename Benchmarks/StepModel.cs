using AutogradCore.Nn;

namespace AutogradCore.Benchmarks;

/// <summary>A GPT and a batch whose training step is measured.</summary>
/// <param name="Name">How it is called.</param>
/// <param name="Config">Its sizes.</param>
/// <param name="Batch">Sequences a step.</param>
internal sealed record StepModel(string Name, GptConfig Config, int Batch)
{
    /// <summary>All models, smallest first.</summary>
    public static IReadOnlyList<StepModel> All { get; } =
    [
        new("nano", new GptConfig(256, 128, Layers: 4, Heads: 4, Features: 128), 16),
        new("small", new GptConfig(256, 128, Layers: 4, Heads: 4, Features: 256), 16),
        new("big", new GptConfig(4096, 256, Layers: 6, Heads: 6, Features: 384), 8),
    ];

    /// <summary>Tokens a step.</summary>
    public int Tokens => Batch * Config.Context;

    /// <summary>The sizes as people read them.</summary>
    public string Shape =>
        $"{Name}: {Config.Layers} layers, d {Config.Features}, T {Config.Context}, V {Config.Vocabulary}, B {Batch}";

    /// <summary>The sizes in the order of the peer's script.</summary>
    public string PeerSizes => $"{Config.Layers} {Config.Features} {Config.Heads} {Config.Context} {Config.Vocabulary} {Batch}";

    /// <summary>The model of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static StepModel Named(string name) => All.FirstOrDefault(m => m.Name == name)
        ?? throw new ArgumentException($"There is no model '{name}'; choose one of {string.Join(", ", All.Select(m => m.Name))}.",
            nameof(name));
}
