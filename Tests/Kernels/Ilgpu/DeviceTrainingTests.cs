using AutogradCore.Checking;
using AutogradCore.Kernels;
using AutogradCore.Nn;
using AutogradCore.Optim;
using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Ilgpu;

/// <summary>Whole training steps on a device, cut into two stages with split backward passes, against one stage on the
/// reference.</summary>
public sealed class DeviceTrainingTests
{
    private const int Steps = 2, Batch = 4, Time = 5, Vocabulary = 11;
    private const double Rate = 1e-2, Epsilon = 1e-8;

    private static readonly GptConfig Config = new(Vocabulary, Time, Layers: 2, Heads: 2, Features: 8, Dropout: 0.1, KeyHeads: 1);

    /// <remarks>A step moves a parameter by the rate times its gradient (clipped to norm 0.5, so no element is larger), which is
    /// right to <see cref="BackendCheck.Allowed"/> roundoffs of 1; momentum at most doubles the first step's part.</remarks>
    [Test]
    public void Two_steps_of_momentum_in_float_end_where_the_reference_ends() => Compare(
        DType.Float32, parameters => new Sgd(parameters, LearningRate.Constant(Rate), momentum: 0.9),
        3 * Rate * BackendCheck.Allowed * Math.ScaleB(1, -24));

    /// <remarks>Adam divides by the root of the mean square plus ε, so that an error in a gradient moves a parameter by up to
    /// the rate times the error over ε.</remarks>
    [Test]
    public void Two_steps_of_AdamW_in_double_end_where_the_reference_ends() => Compare(
        DType.Float64, parameters => new AdamW(parameters, LearningRate.Constant(Rate), epsilon: Epsilon, weightDecay: 0.1),
        Steps * Rate * BackendCheck.Allowed * Math.ScaleB(1, -53) / Epsilon);

    /// <remarks>Where sums in floats differ, a rounding may go the other way; four roundoffs of the clipped gradient's norm are
    /// far more than that does, and far less than a step.</remarks>
    [Test]
    public void Two_steps_of_momentum_in_BFloat16_end_where_the_reference_ends() => Compare(
        DType.Float32, parameters => new Sgd(parameters, LearningRate.Constant(Rate), momentum: 0.9),
        3 * Rate * 4 * 0.5 * BFloat16.UnitRoundoff, Precision.BFloat16);

    private static void Compare(DType dtype, Func<IReadOnlyList<Parameter>, Optimizer> optimizer, double allowed,
        Precision? precision = null)
    {
        KernelDevice device = KernelDevices.Open(KernelDevices.Available[^1]);
        (double[] losses, double[][] expected) = Train([new ReferenceBackend()], dtype, optimizer, precision);
        (double[] found, double[][] values) = Train(
            [new IlgpuBackend(device), new IlgpuBackend(device)], dtype, optimizer, precision);
        Assert.That(found, Is.EqualTo(losses).Within(Math.Log(Vocabulary) * allowed / Rate));
        Assert.That(losses[0], Is.Not.EqualTo(losses[1]));
        for (int p = 0; p < expected.Length; p++)
            Assert.That(values[p], Is.EqualTo(expected[p]).Within(allowed), $"parameter {p}");
    }

    private static (double[] Losses, double[][] Values) Train(
        IBackend[] backends, DType dtype, Func<IReadOnlyList<Parameter>, Optimizer> optimizer, Precision? precision)
    {
        Gpt model = new(Config with { Precision = precision ?? Precision.Float32 });
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
}
