using AutogradCore.Kernels;
using AutogradCore.Nn;
using AutogradCore.Optim;

namespace AutogradCore.Examples;

/// <summary>The training loop of docs/training.md: exclusive or, learned by a small network.</summary>
public static class Training
{
    /// <summary>Trains, writing the loss of the first and the last step.</summary>
    public static void Run(TextWriter output)
    {
        // docs:
        using HostBackend backend = new();
        using Sequential net = new(new Linear(2, 8), new Activation(x => x.Tanh()), new Linear(8, 1));
        net.Initialize(backend, seed: 1);
        using Adam optimizer = new(net.Parameters(), LearningRate.Constant(0.05));

        using Graph graph = new(backend);
        Value x = graph.Placeholder([4, 2]), target = graph.Placeholder([4, 1]);
        Value error = net.Forward(x) - target, loss = (error * error).Mean();      // recorded once

        for (int step = 0; step < 300; step++)
        {
            graph.Feed<float>(x, [0, 0, 0, 1, 1, 0, 1, 1]);
            graph.Feed<float>(target, [0, 1, 1, 0]);
            graph.Forward(loss);                                                   // F
            graph.BackwardInputs(loss);                                            // I
            graph.BackwardWeights();                                               // W
            optimizer.Step();
            optimizer.ZeroGradient();                                              // else the next step adds to this gradient
            if (step is 0 or 299) output.WriteLine($"step {step}: loss {loss.Item():G3}");
        }
        // :docs
    }
}
