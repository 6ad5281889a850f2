using System.Globalization;
using System.Text;
using AutogradCore.Nn;

namespace AutogradCore.Cli;

/// <summary>A model loaded from a checkpoint, for text.</summary>
internal sealed class SampledModel : IDisposable
{
    private readonly IBackend _backend;
    private readonly Gpt _model;

    /// <summary>Loads the model that a checkpoint of <c>train</c> describes.</summary>
    /// <param name="checkpoint">The file.</param>
    /// <param name="precision">The name of the precision to sample in; null for the one it was trained in.</param>
    /// <param name="backend">The backend's name.</param>
    /// <param name="threads">Its threads.</param>
    /// <exception cref="AutogradException">The checkpoint cannot be read, or says no model that this build knows.</exception>
    public SampledModel(string checkpoint, string? precision, string backend, int threads)
    {
        CheckpointState state = Checkpoint.ReadState(checkpoint);
        string model = Setting(checkpoint, state, "model");
        if (!int.TryParse(Setting(checkpoint, state, "seq"), NumberStyles.None, CultureInfo.InvariantCulture, out int context)
            || context < 1)
            throw new CheckpointException(
                checkpoint, null, "names a sequence length that is none.", hint: "use a checkpoint that train wrote");
        if (!GptConfig.Names.Contains(model))
            throw new CheckpointException(checkpoint, null, $"holds a model '{model}', which this build does not know.",
                hint: $"it knows {string.Join(", ", GptConfig.Names)}");
        string trained = state.Configuration.GetValueOrDefault(TrainOptions.PrecisionKey, Nn.Precision.Float32.Name);
        if (!Nn.Precision.Names.Contains(trained))
            throw new CheckpointException(checkpoint, null, $"was trained in '{trained}', which this build does not know.",
                hint: $"it knows {string.Join(", ", Nn.Precision.Names)}");
        Step = state.Step;
        GptConfig sizes = GptConfig.Named(model, context) with
        {
            TieEmbeddings = state.Configuration.GetValueOrDefault(TrainOptions.TieKey) == "true",
            Precision = Nn.Precision.Named(precision ?? trained),
        };
        RequirePositions(checkpoint, sizes);
        _backend = Backends.Create(backend, threads);
        _model = new Gpt(sizes);
        try
        {
            _model.Initialize(_backend, state.Seed);
            Checkpoint.Load(checkpoint, _model.Parameters(), []);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Steps the model was trained for.</summary>
    public int Step { get; }

    /// <summary>What it computes in.</summary>
    public Precision Precision => _model.Config.Precision;

    /// <summary>The bytes that follow a prompt.</summary>
    public IEnumerable<byte> Continue(
        string prompt, int tokens, SamplingOptions options, CancellationToken cancellation = default)
    {
        using TextSampler sampler = new(_model, _backend, options);
        foreach (byte next in sampler.Continue(Encoding.UTF8.GetBytes(prompt.Length == 0 ? "\n" : prompt), tokens, cancellation))
            yield return next;
    }

    /// <summary>Frees model and backend.</summary>
    public void Dispose()
    {
        _model.Dispose();
        _backend.Dispose();
    }

    /// <summary>Before any memory is taken for them: each position has a row of the table in the file.</summary>
    private static void RequirePositions(string checkpoint, GptConfig sizes)
    {
        long needed = (long)sizes.Context * sizes.Features * sizeof(float), there = new FileInfo(checkpoint).Length;
        if (needed > there)
            throw new CheckpointException(checkpoint, null,
                $"says that sequences are {sizes.Context} long, which takes {needed} bytes, and it has {there}.", needed, there,
                "it was changed after it was written; use another checkpoint");
    }

    private static string Setting(string checkpoint, CheckpointState state, string key)
        => state.Configuration.TryGetValue(key, out string? value)
        ? value
        : throw new CheckpointException(checkpoint, null, $"does not say its {key}.", hint: "use a checkpoint that train wrote");
}
