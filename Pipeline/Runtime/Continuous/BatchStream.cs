namespace AutogradCore.Pipeline;

/// <summary>The batches of a run, taken from their source when the first rank asks for one.</summary>
internal sealed class BatchStream(IEnumerator<IMicrobatches> source, int microbatches, int first)
{
    private readonly Dictionary<int, IMicrobatches> _open = [];
    private readonly Lock _gate = new(), _taking = new();
    private volatile int _taken;
    private volatile bool _ended;

    /// <summary>Whether there is a batch of this number.</summary>
    /// <exception cref="PipelineException">The source failed, or gave a batch of another size.</exception>
    public bool Has(int batch)
    {
        if (batch < _taken) return true;
        lock (_taking)
        {
            while (batch >= _taken && !_ended) Take();
            return batch < _taken;
        }
    }

    /// <summary>A batch that <see cref="Has"/> has told of.</summary>
    public IMicrobatches this[int batch]
    {
        get
        {
            lock (_gate) return _open[batch];
        }
    }

    /// <summary>Forgets a batch that no rank reads any more.</summary>
    public void Close(int batch)
    {
        lock (_gate) _open.Remove(batch);
    }

    private void Take()
    {
        int batch = _taken;
        try
        {
            if (!source.MoveNext())
            {
                _ended = true;
                return;
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new PipelineException($"Batch {first + batch} could not be read: {e.Message}", cause: e);
        }
        IMicrobatches data = source.Current;
        if (data.Count != microbatches)
            throw new PipelineException(
                $"Batch {first + batch} has {data.Count} microbatches, the runner is for {microbatches}.");
        lock (_gate) _open.Add(batch, data);
        _taken = batch + 1;
    }
}
