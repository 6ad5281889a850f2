using AutogradCore.Nn;

namespace AutogradCore.Cli;

/// <summary>The mean loss over windows spread evenly over held-out text, stage after stage, without gradients.</summary>
internal sealed class HeldOutLoss
{
    private const int MostWindows = 32, Rows = 8;
    private readonly Gpt _model;
    private readonly int[] _starts;
    private readonly IBackend[] _backends;
    private readonly EvaluationWindows _windows;

    /// <summary>Judges a model whose stage s lives on <c>backends[s]</c>.</summary>
    public HeldOutLoss(Gpt model, int[] starts, IBackend[] backends, ReadOnlyMemory<byte> text)
    {
        (_model, _starts, _backends) = (model, starts, backends);
        _windows = new EvaluationWindows(text, model.Config.Context);
    }

    /// <summary>The mean over all windows' tokens; NaN when cancelled.</summary>
    public double Measure(CancellationToken cancellation)
    {
        int rows = Math.Min(LeastMemory.RowsOf(_model.Config, Rows), _windows.Count), time = _windows.TimeSteps,
            groups = Math.Max(1, Math.Min(MostWindows, _windows.Count) / rows);
        _model.Train(false);
        using StagedForward forward = new(_model, _starts, _backends, rows, time);
        int[] inputs = new int[rows * time], targets = new int[rows * time];
        double sum = 0;
        for (int group = 0; group < groups && !double.IsNaN(sum); group++)
        {
            for (int row = 0; row < rows; row++)
            {
                int index = (int)((long)(group * rows + row) * _windows.Count / (groups * rows));
                _windows.Fill(index, inputs.AsSpan(row * time, time), targets.AsSpan(row * time, time));
            }
            sum += forward.Loss(inputs, targets, cancellation);
        }
        _model.Train();
        return sum / groups;
    }

    /// <summary>One graph per stage.</summary>
    private sealed class StagedForward : IDisposable
    {
        private readonly List<Parameter> _copies = [];
        private readonly Graph[] _graphs;
        private readonly Value[] _inputs, _outputs;
        private readonly Value _targets;

        public StagedForward(Gpt model, int[] starts, IBackend[] backends, int rows, int time)
        {
            _graphs = [.. backends.Select(b => new Graph(b))];
            (_inputs, _outputs) = (new Value[starts.Length], new Value[starts.Length]);
            for (int s = 0; s < starts.Length; s++)
            {
                Value x = _inputs[s] = s == 0
                    ? _graphs[s].Placeholder([rows, time], DType.Int32)
                    : _graphs[s].Placeholder(_outputs[s - 1].Shape, _outputs[s - 1].DType);
                int end = s + 1 < starts.Length ? starts[s + 1] : model.Layers.Count;
                _graphs[s].Substitutes = CopiesFor(model.Layers.Take(starts[s]..end), backends[s]);
                for (int layer = starts[s]; layer < end; layer++) x = model.Layers[layer].Forward(x);
                _outputs[s] = x;
            }
            _targets = _graphs[^1].Placeholder([rows, time], DType.Int32, name: "targets");
            _outputs[^1] = _outputs[^1].CrossEntropy(_targets);
        }

        /// <summary>The mean of one group; NaN when cancelled.</summary>
        public double Loss(int[] inputs, int[] targets, CancellationToken cancellation)
        {
            _graphs[0].Feed<int>(_inputs[0], inputs);
            for (int s = 0; s < _graphs.Length; s++)
            {
                if (cancellation.IsCancellationRequested) return double.NaN;
                if (s > 0) _graphs[s].Feed(_inputs[s], _outputs[s - 1].View);
                if (s == _graphs.Length - 1) _graphs[s].Feed<int>(_targets, targets);
                _graphs[s].Forward(_outputs[s]);
                _graphs[s].Backend.Synchronize();
            }
            return _outputs[^1].Item();
        }

        public void Dispose()
        {
            foreach (Graph graph in _graphs) graph.Dispose();
            foreach (Parameter copy in _copies) copy.Dispose();
        }

        /// <summary>Of parameters that live on another stage's backend, such as a tied table, a copy as they are now.</summary>
        private Substitutes CopiesFor(IEnumerable<Module> layers, IBackend backend)
        {
            Substitutes copies = new();
            foreach (Parameter parameter in layers.SelectMany(l => l.Parameters()).Where(p => p.Data.Backend != backend))
            {
                Parameter copy = parameter.Replica(backend);
                _copies.Add(copy);
                parameter.Data.Backend.Synchronize();
                copy.Data.CopyFrom(parameter.Data.View);
                copies.Parameters[parameter] = copy;
            }
            return copies;
        }
    }
}
