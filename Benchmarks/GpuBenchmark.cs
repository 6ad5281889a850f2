using AutogradCore.Kernels;
using AutogradCore.Nn;
using static AutogradCore.Destination;

namespace AutogradCore.Benchmarks;

/// <summary>Kernels and whole steps on a device: products and attention beside the peer's libraries, what moves memory against
/// the device's own copy bandwidth of the same run.</summary>
public static class GpuBenchmark
{
    /// <summary>Times everything on a device, yielding each figure as it is measured.</summary>
    /// <param name="device">Where; it stays open.</param>
    /// <param name="peerName">One of <see cref="BenchmarkSuite.Peers"/>, on CUDA, or null.</param>
    /// <param name="small">Sizes that the emulator can bear.</param>
    /// <param name="note">Is told what configuration the peer found.</param>
    public static IEnumerable<Measurement> Run(KernelDevice device, string? peerName, bool small, Action<string>? note = null)
    {
        using Peer? peer = peerName is null ? null : Peer.Start(peerName, 1, device: "cuda");
        if (peer is not null) note?.Invoke(peer.Configuration);
        using IlgpuBackend backend = new(device);
        double bandwidth = double.NaN;
        foreach (BenchmarkCase piece in Cases(backend, small, () => bandwidth))
        {
            Measurement figure = piece.Measured(peer);
            if (figure.Measure == Copy) bandwidth = figure.Value;
            yield return figure;
        }
    }

    private const string Copy = "copy";

    private static IEnumerable<BenchmarkCase> Cases(IlgpuBackend backend, bool small, Func<double> bandwidth) =>
        Copies(backend, small).Concat(GpuLaunches.Cases(backend.Device)).Concat(Products(backend, small))
            .Concat(Ops(backend, small, bandwidth)).Concat(Attention(backend, small)).Concat(Steps(backend, small));

    private static IEnumerable<BenchmarkCase> Copies(IlgpuBackend backend, bool small)
    {
        int count = small ? 4096 : 64 << 20;
        using Tensor x = Filled(backend, count), y = new(backend, [count]);
        yield return new BenchmarkCase(Copy, $"{count} floats", 1, "GB/s", 8.0 * count / 1e9, null, () =>
        {
            backend.Copy(x.View, Into(y.View));
            backend.Synchronize();
        }, 1, $"copy {count}");
    }

    private static IEnumerable<BenchmarkCase> Products(IlgpuBackend backend, bool small)
    {
        foreach (int n in small ? new[] { 24 } : [1024, 4096, 8192])
            foreach (string form in n == 4096 ? new[] { "nn", "nt", "tn", "tt" } : ["nn"])
            {
                using GemmRun o = new(backend, form, n, n, n, DType.Float32);
                yield return new BenchmarkCase($"sgemm {form}", $"{n}x{n}x{n}", 1, "GFLOP/s", 2.0 * n * n * n / 1e9, null, () =>
                {
                    ((IBackend)backend).Gemm(o.Left, o.Right, Into(o.Result));
                    backend.Synchronize();
                }, 1, $"sgemm {form} {n} {n} {n}");
            }
    }

    private static IEnumerable<BenchmarkCase> Ops(IlgpuBackend backend, bool small, Func<double> bandwidth)
    {
        (int rows, int width) = small ? (8, 32) : (16384, 4096);
        foreach ((string name, int passes, Func<Value, Value> op) in new (string, int, Func<Value, Value>)[]
        {
            ("layer norm", 5, x => x.LayerNorm()), ("gelu tanh", 5, x => x.Gelu(tanh: true)), ("softmax", 5, x => x.Softmax()),
            ("cross-entropy", 3, x => x.CrossEntropy(OpsBenchmark.Targets(x.Graph, rows, width))),
        })
        {
            using OpRun run = new(backend, [rows, width], x => op(x[0]), 1);
            yield return new BenchmarkCase(name, $"{rows}x{width} forward+backward", 1, "GB/s",
                passes * 4.0 * rows * width / 1e9, bandwidth, run.Run, 1, $"{name.Replace(' ', '-')} {rows} {width}");
        }
    }

    private static IEnumerable<BenchmarkCase> Attention(IlgpuBackend backend, bool small)
    {
        foreach (int d in small ? new[] { 8 } : [64, 128])
        {
            (int b, int h, int t) = small ? (1, 2, 9) : (4, 16, 2048);
            using OpRun run = new(backend, [b, t, h, d], x => x[0].Attention(x[1], x[2]), 3);
            yield return new BenchmarkCase("attention", $"B{b} H{h} T{t} D{d} causal forward+backward", 1, "GFLOP/s",
                7.0 * b * h * t * t * d / 1e9, null, run.Run, 2, $"attention {b} {h} {t} {d}");
        }
    }

    private static IEnumerable<BenchmarkCase> Steps(IlgpuBackend backend, bool small)
    {
        StepModel model = small
            ? new("tiny", new GptConfig(16, 8, Layers: 1, Heads: 2, Features: 8), 2)
            : new("GPT-2 124M", new GptConfig(50304, 1024, Layers: 12, Heads: 12, Features: 768), 8);
        using StepWork work = new(model, new IlgpuBackend(backend.Device));
        yield return new BenchmarkCase("gpt step", model.Shape, 1, "tokens/s", model.Tokens, null, work.Run, 8,
            $"step {model.PeerSizes}");
    }

    private static Tensor Filled(IBackend backend, int count)
    {
        Tensor tensor = new(backend, [count]);
        backend.Fill(tensor.View, 1);
        return tensor;
    }
}
