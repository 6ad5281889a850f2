using AutogradCore.Kernels;
using static AutogradCore.Destination;

namespace AutogradCore.Benchmarks;

/// <summary>Verbs that only move memory, against the device's own copy bandwidth for the bytes they must read and
/// write.</summary>
internal static class GpuOps
{
    private const double Epsilon = 1e-5;

    /// <summary>Every verb in floats and in bf16.</summary>
    public static IEnumerable<BenchmarkCase> Cases(KernelDevice device, bool small, DeviceCopy copy)
    {
        (int rows, int width) = small ? (8, 32) : (16384, 4096);
        foreach (GpuPrecision precision in GpuPrecision.Stored)
        {
            using IDeviceBackend backend = precision.Open(device);
            foreach (Maker make in (Maker[])[Add, Gelu, LayerNorm, LayerNormWeights, Softmax, CrossEntropy, Round])
            {
                using DeviceTensors tensors = new(backend);
                Verb verb = make(backend, tensors, precision.Storage, rows, width);
                yield return new BenchmarkCase($"{precision.Name} {verb.Name}", $"{rows}x{width} {verb.What}", 1, "GB/s",
                    verb.Bytes * rows * width / 1e9, copy.Now, verb.Run, 1,
                    $"{precision.Name}:{verb.Name.Replace(' ', '-')} {rows} {width}")
                {
                    Finish = backend.Synchronize,
                };
            }
        }
    }

    private delegate Verb Maker(IDeviceBackend backend, DeviceTensors tensors, DType dtype, int rows, int width);

    /// <summary>A verb to time.</summary>
    /// <param name="Name">What it is called here and, with hyphens, by the peer.</param>
    /// <param name="What">Which passes.</param>
    /// <param name="Bytes">Read and written for each element of the matrix.</param>
    /// <param name="Run">Queues it.</param>
    private sealed record Verb(string Name, string What, double Bytes, System.Action Run);

    /// <summary>Reads a and b, writes y.</summary>
    private static Verb Add(IDeviceBackend b, DeviceTensors t, DType dtype, int rows, int width)
    {
        View x = t.Normal([rows, width], dtype, "x"), z = t.Normal([rows, width], dtype, "z"), y = t.Empty([rows, width], dtype);
        return new("add", "a + b", 3 * dtype.Size(), () => b.Zip<Add.Function>(x, z, Into(y)));
    }

    /// <summary>Forward reads x and writes y; backward reads x and dy and writes dx.</summary>
    private static Verb Gelu(IDeviceBackend b, DeviceTensors t, DType dtype, int rows, int width)
    {
        Operands o = new(t, dtype, rows, width);
        return new("gelu tanh", "forward+backward", 5 * dtype.Size(), () =>
        {
            b.Map<GeluTanh.Function>(o.X, Into(o.Y));
            b.Zip<GeluTanh.Rule>(o.X, o.Dy, Into(o.Dx));
        });
    }

    /// <summary>The same passes over the matrix; means and deviations are small beside it.</summary>
    private static Verb LayerNorm(IDeviceBackend b, DeviceTensors t, DType dtype, int rows, int width)
    {
        Operands o = new(t, dtype, rows, width);
        View mean = t.Empty([rows], DTypes.Statistics), rstd = t.Empty([rows], DTypes.Statistics);
        return new("layer norm", "forward+backward", 5 * dtype.Size(), () =>
        {
            b.LayerNorm(o.X, default, default, Epsilon, Into(o.Y), mean, rstd);
            b.LayerNormInputGradient(o.X, default, mean, rstd, o.Dy, Into(o.Dx));
        });
    }

    /// <summary>Forward as above; the gradients of gain and shift read x and dy.</summary>
    private static Verb LayerNormWeights(IDeviceBackend b, DeviceTensors t, DType dtype, int rows, int width)
    {
        Operands o = new(t, dtype, rows, width);
        View mean = t.Empty([rows], DTypes.Statistics), rstd = t.Empty([rows], DTypes.Statistics);
        View gain = t.Normal([width], DType.Float32, "gain"), shift = t.Normal([width], DType.Float32, "shift");
        View dgain = t.Empty([width], DType.Float32), dshift = t.Empty([width], DType.Float32);
        return new("layer norm weights", "forward, gradients of gain and shift", 4 * dtype.Size(), () =>
        {
            b.LayerNorm(o.X, gain, shift, Epsilon, Into(o.Y), mean, rstd);
            b.LayerNormWeightGradient(o.X, mean, rstd, o.Dy, Into(dgain), Into(dshift));
        });
    }

    /// <summary>Backward reads y instead of x.</summary>
    private static Verb Softmax(IDeviceBackend b, DeviceTensors t, DType dtype, int rows, int width)
    {
        Operands o = new(t, dtype, rows, width);
        return new("softmax", "forward+backward", 5 * dtype.Size(), () =>
        {
            b.Softmax(o.X, Into(o.Y));
            b.SoftmaxGradient(o.Y, o.Dy, Into(o.Dx));
        });
    }

    /// <summary>Forward reads the logits; backward reads them again and writes their gradients.</summary>
    private static Verb CrossEntropy(IDeviceBackend b, DeviceTensors t, DType dtype, int rows, int width)
    {
        View x = t.Normal([rows, width], dtype, "x"), dx = t.Empty([rows, width], dtype), targets = t.Targets(rows, width);
        View loss = t.Empty([], DType.Float32), dloss = t.Empty([], DType.Float32), lse = t.Empty([rows], DTypes.Statistics);
        CrossEntropyOptions options = new();
        b.Fill(dloss, 1);
        return new("cross-entropy", "forward+backward", 3 * dtype.Size(), () =>
        {
            b.CrossEntropy(x, targets, options, loss, lse);
            b.CrossEntropyGradient(x, targets, lse, dloss, options, Into(dx));
        });
    }

    /// <summary>Into bf16 and into floats: what weights are read through.</summary>
    private static Verb Round(IDeviceBackend b, DeviceTensors t, DType dtype, int rows, int width)
    {
        DType other = dtype == DType.Float32 ? DType.BFloat16 : DType.Float32;
        View x = t.Normal([rows, width], dtype, "x"), y = t.Empty([rows, width], other);
        return new("cast", dtype == DType.Float32 ? "to bf16" : "to fp32", 6, () => b.Cast(x, Into(y)));
    }

    /// <summary>x and dy, and room for y and dx.</summary>
    private sealed class Operands(DeviceTensors t, DType dtype, int rows, int width)
    {
        public View X { get; } = t.Normal([rows, width], dtype, "x");

        public View Dy { get; } = t.Normal([rows, width], dtype, "dy");

        public View Y { get; } = t.Empty([rows, width], dtype);

        public View Dx { get; } = t.Empty([rows, width], dtype);
    }
}
