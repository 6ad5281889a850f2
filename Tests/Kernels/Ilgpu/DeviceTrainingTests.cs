extern alias simt;

using AutogradCore.Checking;
using AutogradCore.Kernels;
using AutogradCore.Nn;
using AutogradCore.Optim;
using AutogradCore.Pipeline;
using NUnit.Framework;
using simt::AutogradCore.Kernels.Simt;

namespace AutogradCore.Tests.Kernels.Ilgpu;

/// <summary>Whole training steps on a device, cut into two stages with split backward passes, against one stage on the
/// reference.</summary>
[Parallelizable]
public sealed class DeviceTrainingTests
{
    private const int Steps = 2, Batch = 4, Time = 5, Vocabulary = 11;
    private const double Rate = 1e-2, Epsilon = 1e-8;

    private static readonly GptConfig Config = new(Vocabulary, Time, Layers: 2, Heads: 2, Features: 8, Dropout: 0.1, KeyHeads: 1);

    [Test]
    public void Two_steps_end_where_the_reference_ends([ValueSource(nameof(Trainings))] string training) =>
        Compare(SimtBackend.OpenDevice(), training);

    /// <summary>Ways to train, for every device.</summary>
    internal static IEnumerable<string> Trainings => All.Keys;

    /// <remarks>
    /// A step moves a parameter by the rate times its gradient (clipped to norm 0.5, so no element is larger), which is right to
    /// <see cref="BackendCheck.Allowed"/> roundoffs of 1; momentum at most doubles the first step's part. Adam divides by the
    /// root of the mean square plus ε, so an error in a gradient moves a parameter by up to the rate times the error over ε. In
    /// bf16 a rounding may go the other way where sums in floats differ; four roundoffs of the clipped gradient's norm are far
    /// more than that does, and far less than a step.
    /// </remarks>
    private static readonly Dictionary<string, Training> All = new()
    {
        ["momentum in float"] = new(DType.Float32, Momentum, 3 * Rate * BackendCheck.Allowed * Math.ScaleB(1, -24)),
        ["AdamW in double"] = new(DType.Float64,
            parameters => new AdamW(parameters, LearningRate.Constant(Rate), epsilon: Epsilon, weightDecay: 0.1),
            Steps * Rate * BackendCheck.Allowed * Math.ScaleB(1, -53) / Epsilon),
        ["momentum in bf16"] = new(DType.Float32, Momentum, 3 * Rate * 4 * 0.5 * BFloat16.UnitRoundoff, Precision.BFloat16),
    };

    /// <summary>Trains two stages on a device, which goes back, and one on the reference.</summary>
    internal static void Compare(KernelDevice device, string training, int layers = 2)
    {
        (DType dtype, var optimizer, double allowed, Precision? precision) = All[training];
        GptConfig config = Config with { Layers = layers, Precision = precision ?? Precision.Float32 };
        (double[] losses, double[][] expected) = Train([new ReferenceBackend()], dtype, optimizer, config);
        (double[] found, double[][] values) = Train([device.CreateBackend(), device.CreateBackend()], dtype, optimizer, config);
        Assert.That(found, Is.EqualTo(losses).Within(Math.Log(Vocabulary) * allowed / Rate));
        Assert.That(losses[0], Is.Not.EqualTo(losses[1]));
        for (int p = 0; p < expected.Length; p++)
            Assert.That(values[p], Is.EqualTo(expected[p]).Within(allowed), $"parameter {p}");
    }

    private static Sgd Momentum(IReadOnlyList<Parameter> parameters) =>
        new(parameters, LearningRate.Constant(Rate), momentum: 0.9);

    private static (double[] Losses, double[][] Values) Train(
        IBackend[] backends, DType dtype, Func<IReadOnlyList<Parameter>, Optimizer> optimizer, GptConfig config)
    {
        Gpt model = new(config);
        try
        {
            model.AssignNames();
            IReadOnlyList<Module> layers = model.Layers;
            int[] starts = LayerSplit.Balance([.. layers.Select(_ => 1.0)], backends.Length);
            for (int l = 0; l < layers.Count; l++)
                foreach (Parameter parameter in layers[l].Parameters())
                    parameter.Initialize(backends[Array.FindLastIndex(starts, s => s <= l)], seed: 3, dtype);
            Schedule schedule = SplitBackward.Apply(Schedules.OneForwardOneBackward(backends.Length, 2), TwoStage.Fill);
            PipelineOptions options = new()
            {
                Loss = (y, t) => y.CrossEntropy(t),
                Optimizer = optimizer,
                Seed = 3,
                ClipNorm = 0.5,
            };
            using PipelineRunner runner = new(layers, starts, backends, schedule, options);
            double[] losses = [.. Enumerable.Range(0, Steps).Select(step => runner.Step(Data(step)).Loss)];
            return (losses, [.. runner.Parameters.Select(p => Read(p.Data, dtype))]);
        }
        finally
        {
            model.Dispose();
            foreach (IBackend backend in backends) backend.Dispose();
        }
    }

    private static TokenMicrobatches Data(int step)
    {
        RandomStream stream = RandomStream.Named("tokens", 3, (ulong)step);
        int[] tokens = [.. Enumerable.Range(0, 2 * Batch * Time).Select(i => (int)stream.Below(i, Vocabulary))];
        return new TokenMicrobatches(tokens.AsMemory(0, Batch * Time), tokens.AsMemory(Batch * Time), Time, 2);
    }

    private static double[] Read(Tensor tensor, DType dtype) =>
        dtype == DType.Float64 ? tensor.ToArray<double>() : Array.ConvertAll(tensor.ToArray<float>(), v => (double)v);

    /// <param name="DType">What parameters are.</param>
    /// <param name="Optimizer">Makes the optimizer.</param>
    /// <param name="Allowed">How far a parameter may be from the reference's.</param>
    /// <param name="Precision">What is stored; null: floats.</param>
    private sealed record Training(
        DType DType, Func<IReadOnlyList<Parameter>, Optimizer> Optimizer, double Allowed, Precision? Precision = null);
}
