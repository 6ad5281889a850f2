using AutogradCore.Optim;

namespace AutogradCore.Pipeline;

/// <summary>Where the stages of a run put together what they know about each batch: losses, squared gradient norms, and who is
/// through. A batch that all stages are through is whole: its update may be made, everywhere.</summary>
internal sealed class BatchBoard(int first, int microbatches, int stages, int parameters, double? clipNorm)
{
    private readonly List<BatchResult> _whole = [];
    private readonly List<Page> _pages = [];
    private readonly Stack<Page> _blank = [];
    private readonly object _gate = new();
    private volatile int _count;

    /// <summary>How many batches are whole; they become so in order.</summary>
    public int Whole => _count;

    /// <summary>The whole batches.</summary>
    public IReadOnlyList<BatchResult> Results => _whole;

    /// <summary>What the microbatches of a batch weigh; null until <see cref="NoteWeights"/>.</summary>
    public StepWeights? WeightsOf(int batch)
    {
        lock (_gate) return PageOf(batch).Weights;
    }

    /// <summary>Notes what the microbatches of a batch weigh, before the first of their losses.</summary>
    public void NoteWeights(int batch, StepWeights weights)
    {
        lock (_gate) PageOf(batch).Weights = weights;
    }

    /// <summary>Notes the loss of a microbatch.</summary>
    /// <exception cref="AnomalyException">It is the batch's last, and the batch's loss is NaN or infinite.</exception>
    public void NoteLoss(int batch, int microbatch, double loss)
    {
        lock (_gate)
        {
            Page page = PageOf(batch);
            page.Losses[microbatch] = loss;
            if (++page.Noted < microbatches || double.IsFinite(page.Loss)) return;
            throw new AnomalyException($"The loss of batch {first + batch} is {page.Loss}.",
                "lower the learning rate or clip gradients; DetectAnomaly names the op");
        }
    }

    /// <summary>Notes that a stage has the whole gradient of a batch, with the squares of its parameters.</summary>
    /// <returns>The batch's result when this makes it whole, else null.</returns>
    /// <exception cref="AnomalyException">The global norm is NaN or infinite.</exception>
    public BatchResult? Contribute(int batch, int firstParameter, ReadOnlySpan<double> squares)
    {
        lock (_gate)
        {
            Page page = PageOf(batch);
            squares.CopyTo(page.Squares.AsSpan(firstParameter));
            if (++page.Stages < stages) return null;
            double norm = clipNorm is null ? double.NaN : GradientNorm.Of(page.Squares);
            if (clipNorm is { } maximum) GradientNorm.Clip(norm, maximum);
            BatchResult result = new(first + batch, page.Loss, norm);
            _whole.Add(result);
            _pages.Remove(page);
            _blank.Push(page);
            _count++;
            Monitor.PulseAll(_gate);
            return result;
        }
    }

    /// <summary>Waits until a batch is whole.</summary>
    /// <exception cref="OperationCanceledException">The run was given up meanwhile.</exception>
    public void Await(int batch, CancellationToken cancellation)
    {
        if (batch < _count) return;
        using CancellationTokenRegistration wake = cancellation.UnsafeRegister(static gate =>
        {
            lock (gate!) Monitor.PulseAll(gate);
        }, _gate);
        lock (_gate)
            while (batch >= _count)
            {
                cancellation.ThrowIfCancellationRequested();
                Monitor.Wait(_gate);
            }
    }

    /// <summary>What the gradients of a whole batch are multiplied by.</summary>
    public double ScaleOf(int batch)
    {
        if (clipNorm is not { } maximum) return 1;
        lock (_gate) return GradientNorm.Clip(_whole[batch].GradientNorm, maximum);
    }

    private Page PageOf(int batch)
    {
        foreach (Page page in _pages)
            if (page.Batch == batch) return page;
        Page blank = _blank.TryPop(out Page? used) ? used : new Page(microbatches, parameters);
        (blank.Batch, blank.Noted, blank.Stages, blank.Weights) = (batch, 0, 0, null);
        _pages.Add(blank);
        return blank;
    }

    private sealed class Page(int microbatches, int parameters)
    {
        public int Batch { get; set; }

        public double[] Losses { get; } = new double[microbatches];

        public int Noted { get; set; }

        public double[] Squares { get; } = new double[parameters];

        public int Stages { get; set; }

        public StepWeights? Weights { get; set; }

        public double Loss => Weights!.Loss(Losses);
    }
}
