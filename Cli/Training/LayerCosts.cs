using AutogradCore.Nn;

namespace AutogradCore.Cli;

/// <summary>Estimated work of each layer of a GPT per token, in multiply-adds of the forward pass:
/// what stages are balanced by.</summary>
internal static class LayerCosts
{
    /// <summary>An elementwise pass over C features counts like this many multiply-adds per feature.</summary>
    private const double Elementwise = 16;

    /// <summary>Embedding, blocks and head, in order.</summary>
    public static double[] Of(GptConfig config)
    {
        double c = config.Features, t = config.Context, v = config.Vocabulary;
        // four projections and the perceptron; causal scores; norms, residuals and gelu
        double block = 12 * c * c + t * c + Elementwise * 12 * c;
        double head = c * v + Elementwise * (c + v);
        return [Elementwise * c, .. Enumerable.Repeat(block, config.Layers), head];
    }
}
