using AutogradCore.Kernels;
using AutogradCore.Nn;
using AutogradCore.Optim;
using AutogradCore.Pipeline;

namespace AutogradCore.Examples;

/// <summary>A small GPT in two stages, one thread each, under 1F1B with 2BP: learns to count modulo 7.</summary>
public static class PipelineTraining
{
    /// <summary>Trains over two stages for some steps, writing the loss of the first and the last.</summary>
    public static void Run(TextWriter output)
    {
        Schedule schedule = SplitBackward.Apply(Schedules.OneForwardOneBackward(stages: 2, microbatches: 2), TwoStage.Fill);
        output.WriteLine(schedule.ToGrid());
        Train(schedule, output);
    }

    /// <summary>Trains under any schedule of one stage per rank, at most four.</summary>
    public static void Train(Schedule schedule, TextWriter output)
    {
        const int batch = 8, time = 14;
        using Gpt model = new(new GptConfig(Vocabulary: 7, Context: time, Layers: 2, Heads: 2, Features: 16));
        model.AssignNames();

        // Cut the layers into stages of like cost; each stage's parameters live on its own backend.
        int[] starts = LayerSplit.Balance([0.2, 1, 1, 0.2], schedule.Stages);
        HostBackend[] backends = [.. starts.Select(_ => new HostBackend(threads: 1))];
        for (int layer = 0; layer < model.Layers.Count; layer++)
            foreach (Parameter parameter in model.Layers[layer].Parameters())
                parameter.Initialize(backends[Array.FindLastIndex(starts, start => start <= layer)], seed: 1);

        using (PipelineRunner runner = new(model.Layers, starts, backends, schedule, new PipelineOptions
        {
            Loss = (logits, targets) => logits.CrossEntropy(targets),
            Optimizer = parameters => new AdamW(parameters, LearningRate.Constant(1e-2)),
            ClipNorm = 1,
        }))
        {
            int[] inputs = [.. Enumerable.Range(0, batch * time).Select(i => i % 7)],
                targets = [.. inputs.Select(i => (i + 1) % 7)];
            for (int step = 0; step < 60; step++)
            {
                StepResult result = runner.Step(new TokenMicrobatches(inputs, targets, time, schedule.Microbatches));
                if (step is 0 or 59) output.WriteLine($"step {step}: loss {result.Loss:F3}");
            }
        }
        foreach (HostBackend backend in backends) backend.Dispose();
    }
}
