using AutogradCore.Kernels;
using static AutogradCore.Destination;

namespace AutogradCore.Benchmarks;

/// <summary>dW += Σ dyᵀ·x over four microbatches: in one accumulating call, in one call each, and as one product of
/// concatenated copies.  dy:[512,384]  x:[512,1536]  dW:[384,1536], and the other linear layer's</summary>
internal static class WeightGradientBenchmark
{
    private const int Microbatches = 4, Rows = 512;

    /// <summary>The three ways for both layers of a transformer's perceptron, against the multiply-add peak.</summary>
    public static IEnumerable<BenchmarkCase> Cases(int threads)
    {
        using HostBackend backend = new(threads);
        foreach ((int m, int n) in new[] { (384, 1536), (1536, 384) })
        {
            using Operands o = new(backend, m, n);
            (string, System.Action)[] ways =
                [("one call", o.OneCall), ("a call each", o.CallEach), ("concatenated", o.Concatenated)];
            foreach ((string way, System.Action run) in ways)
                yield return new BenchmarkCase($"weight gradient {Microbatches} microbatches, {way}",
                    $"{m}x{n}x{Microbatches}x{Rows} tn", threads, "GFLOP/s",
                    2.0 * m * n * Rows * Microbatches / 1e9, () => Peak.FmaNow(threads), run, 0.5,
                    $"weight-gradient {Microbatches} {m} {n} {Rows}");
        }
    }

    private sealed class Operands : IDisposable
    {
        private readonly HostBackend _backend;
        private readonly Tensor[] _dy = new Tensor[Microbatches], _x = new Tensor[Microbatches];
        private readonly Tensor _allDy, _allX, _dw;
        private readonly GemmTerm[] _terms = new GemmTerm[Microbatches];

        public Operands(HostBackend backend, int m, int n)
        {
            _backend = backend;
            (_allDy, _allX) = (Filled([Microbatches * Rows, m]), Filled([Microbatches * Rows, n]));
            _dw = Filled([m, n]);
            for (int i = 0; i < Microbatches; i++)
            {
                (_dy[i], _x[i]) = (Filled([Rows, m]), Filled([Rows, n]));
                _terms[i] = new GemmTerm(_dy[i].View.T, _x[i].View);
            }
        }

        public void OneCall() => _backend.GemmSum(_terms, AddTo(_dw.View));

        public void CallEach()
        {
            foreach (GemmTerm term in _terms) _backend.Gemm(term.A, term.B, AddTo(_dw.View));
        }

        public void Concatenated()
        {
            for (int i = 0; i < Microbatches; i++)
            {
                _backend.Copy(_dy[i].View, Into(_allDy.View.Slice(0, i * Rows, Rows)));
                _backend.Copy(_x[i].View, Into(_allX.View.Slice(0, i * Rows, Rows)));
            }
            _backend.Gemm(_allDy.View.T, _allX.View, AddTo(_dw.View));
        }

        public void Dispose()
        {
            foreach (Tensor tensor in (IEnumerable<Tensor>)[.. _dy, .. _x, _allDy, _allX, _dw]) tensor.Dispose();
        }

        private Tensor Filled(Shape shape)
        {
            Tensor tensor = new(_backend, shape, DType.Float32);
            _backend.Fill(tensor.View, 1e-3);
            return tensor;
        }
    }
}
