using AutogradCore.Kernels;
using AutogradCore.Nn;
using AutogradCore.Optim;

namespace AutogradCore.Examples;

/// <summary>The README's example: one layer, one step, and the two halves of the backward pass apart.</summary>
public static class Quickstart
{
    /// <summary>Runs the example, writing what it sees.</summary>
    public static void Run(TextWriter output)
    {
        // README:
        using HostBackend backend = new();
        using Linear layer = new(inFeatures: 3, outFeatures: 2);
        layer.Initialize(backend, seed: 1);
        using Sgd optimizer = new(layer.Parameters(), LearningRate.Constant(0.1));

        using Graph graph = new(backend);
        Value x = graph.Input<float>([1, 2, 3, 4, 5, 6], [2, 3], differentiable: true);
        Value loss = layer.Forward(x).Gelu().Sum();

        graph.BackwardInputs(loss);                            // I: dL/dx, the only thing the stage before waits for
        output.WriteLine(layer.Weight.HasGradient);            // False: parameters are untouched
        foreach (Deferred work in graph.Deferred)
            output.WriteLine(work);                            // Linear -> [2,2]: 28 flop, 16 bytes
        graph.BackwardWeights();                               // W: dL/dW, any time later
        optimizer.Step();
        // :README
    }
}
