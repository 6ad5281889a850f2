extern alias simt;

using AutogradCore.Benchmarks;
using NUnit.Framework;
using simt::AutogradCore.Kernels.Simt;

namespace AutogradCore.Tests.Benchmarks;

[Parallelizable]
public sealed class GpuBenchmarkTests
{
    [Test]
    public void Products_attention_and_steps_are_measured_in_each_precision_and_what_moves_memory_as_it_is_stored()
    {
        using SimtBackend backend = new();
        Measurement[] figures = [.. GpuBenchmark.Run(backend.Device, null, small: true)];
        Assert.That(figures.Select(f => f.Value), Is.All.Positive);
        string[] measures = [.. figures.Select(f => f.Measure)];
        Assert.That(measures, Is.Unique);
        foreach (string work in (string[])["matmul nn", "attention", "gpt step"])
            Assert.That(measures, Is.SupersetOf(new[] { $"fp32 {work}", $"tf32 {work}", $"bf16 {work}" }));
        foreach (string work in (string[])["copy", "add", "gelu tanh", "layer norm", "softmax", "cross-entropy"])
            Assert.That(measures, Is.SupersetOf(new[] { $"fp32 {work}", $"bf16 {work}" }));
        Assert.That(figures.Where(f => f.Unit == "GB/s" && f.Measure != "fp32 copy").Select(f => f.OfBound),
            Is.All.Positive, "against the device's copy");
    }
}
