using AutogradCore.Nn;

namespace AutogradCore.Cli;

/// <summary>How the next byte is chosen.</summary>
/// <param name="Temperature">Divides the logits; 0 takes the most likely byte always.</param>
/// <param name="TopK">Only the k most likely bytes; 0 for all.</param>
/// <param name="Seed">Another seed gives other text.</param>
internal sealed record SamplingOptions(double Temperature = 0.8, int TopK = 40, ulong Seed = 1);

/// <summary>Continues text with a byte-level GPT, one byte at a time.</summary>
/// <remarks>The graph is recorded for lengths that double, so that short texts are quick and recording is rare. The places after
/// the text hold zeros, which a causal model does not see.</remarks>
internal sealed class TextSampler : IDisposable
{
    private const int Shortest = 16;
    private readonly Gpt _model;
    private readonly Graph _graph;
    private readonly SamplingOptions _options;
    private readonly RandomStream _random;
    private readonly int[] _ids;
    private readonly IDisposable _held;
    private Value _input, _logits;
    private int _length;

    /// <summary>Samples from a model whose parameters live on <paramref name="backend"/>, and do not change meanwhile.</summary>
    public TextSampler(Gpt model, IBackend backend, SamplingOptions options)
    {
        (_model, _options, _graph) = (model, options, new Graph(backend));
        _random = RandomStream.Named("sample", options.Seed);
        _ids = new int[model.Config.Context];
        model.Train(false);
        _held = backend.Hold([.. model.Parameters().Where(p => p.Shape.Rank == 2).Select(p => p.Data.View)]);
    }

    /// <summary>The bytes that follow the prompt.</summary>
    /// <param name="prompt">At least one byte; of a longer one than the context, its end counts.</param>
    /// <param name="count">How many.</param>
    /// <param name="cancellation">Ends the text early.</param>
    public IEnumerable<byte> Continue(byte[] prompt, int count, CancellationToken cancellation = default)
    {
        List<byte> text = [.. prompt];
        for (int i = 0; i < count && !cancellation.IsCancellationRequested; i++)
        {
            byte next = (byte)Choose(NextLogits(text), i);
            text.Add(next);
            yield return next;
        }
    }

    /// <summary>Frees the graph.</summary>
    public void Dispose()
    {
        _held.Dispose();
        _graph.Dispose();
    }

    private double[] NextLogits(List<byte> text)
    {
        int context = _ids.Length, seen = Math.Min(text.Count, context);
        if (_length < seen) Record(seen);
        Array.Clear(_ids);
        for (int t = 0; t < seen; t++) _ids[t] = text[text.Count - seen + t];
        _graph.Feed<int>(_input, _ids.AsSpan(0, _length));
        _graph.Forward(_logits);
        float[] all = _logits.ToArray<float>();
        int vocabulary = _model.Config.Vocabulary;
        return [.. all.Skip((seen - 1) * vocabulary).Take(vocabulary).Select(v => (double)v)];
    }

    private void Record(int atLeast)
    {
        _length = Math.Max(_length, Shortest);
        while (_length < atLeast) _length *= 2;
        _length = Math.Min(_length, _ids.Length);
        _graph.Clear();
        _input = _graph.Placeholder([1, _length], DType.Int32, name: "text");
        _logits = _model.Forward(_input).Cast(DType.Float32);
    }

    private int Choose(double[] logits, int index)
    {
        int[] order = [.. Enumerable.Range(0, logits.Length).OrderByDescending(i => logits[i])];
        if (_options.Temperature == 0) return order[0];
        int kept = _options.TopK > 0 ? Math.Min(_options.TopK, order.Length) : order.Length;
        double[] weights = [.. order.Take(kept).Select(i => Math.Exp((logits[i] - logits[order[0]]) / _options.Temperature))];
        double left = _random.UniformDouble(index) * weights.Sum();
        for (int i = 0; i < kept; i++)
            if ((left -= weights[i]) < 0) return order[i];
        return order[kept - 1];
    }
}
