using AutogradCore.Optim;

namespace AutogradCore.Pipeline;

/// <summary>The weight versions of one stage in a run without flushes: which one F reads, what W accumulates, and when the update
/// is made.</summary>
/// <remarks>
/// Two versions: an update waits until its batch is whole, so that none is made on some stages only, and the global norm is
/// known. It is made at the first chance from then on, at the latest before the first F that needs it, two batches later; the
/// gradient of the next batch accumulates elsewhere meanwhile. That wait is in no circle: every stage is through batch t before
/// it comes to F of batch t + 2, and to be through needs nothing that comes after such an F.
/// </remarks>
internal sealed class StageUpdates(PipelineStage stage, StageShares shares, WeightPolicy policy, int microbatches,
    int firstParameter, bool clips) : IDisposable
{
    private readonly GradientShelf _shelf = new(stage.Parameters);
    private BatchBoard? _board;
    private int _first, _floor, _updated, _gathering, _gathered;
    private bool _shelved;

    /// <summary>The stage's weights.</summary>
    public WeightVersions Versions { get; } = VersionsOf(stage, shares);

    /// <summary>An update failed halfway: the stage's weights and optimizer state do not belong together.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>The batch whose update comes next, in the run.</summary>
    public int Updated => _updated;

    /// <summary>Whether the stage has the whole gradient of the batch whose update comes next.</summary>
    public bool IsPending => _updated < _gathering;

    /// <summary>Starts a run.</summary>
    public void Begin(BatchBoard board)
    {
        shares.Begin();
        _first = stage.Optimizer.StepCount;
        Versions.Newest = _first;
        _floor = Math.Max(0, Versions.Oldest);
        (_board, _updated, _gathering, _gathered, _shelved) = (board, 0, 0, 0, false);
        stage.Optimizer.ZeroGradient();
        _shelf.Clear();
    }

    /// <summary>The version that F of a batch reads.</summary>
    public int VersionFor(int batch) => policy == WeightPolicy.Stashed ? Versions.Newest : Math.Max(_first + batch - 1, _floor);

    /// <summary>Requires that W of a batch may accumulate, and makes room for its gradient.</summary>
    /// <exception cref="PipelineException">An earlier batch is not through.</exception>
    public void BeforeWeights(int batch)
    {
        if (batch != _gathering || (policy == WeightPolicy.Stashed && IsPending))
            throw new PipelineException($"Batch {batch} accumulates before batch {(batch == _gathering ? _updated : _gathering)} "
                + $"is {(batch == _gathering ? "updated" : "through")} on stage {stage.Index}.");
        if (_gathered > 0 || _shelved || !IsPending) return;
        _shelf.Exchange();
        _shelved = true;
    }

    /// <summary>Counts W; with the batch's last one, the stage is through: shared gradients come together, and all that may fail
    /// before the update is done.</summary>
    /// <returns>The batch's result where all stages are through now, else null.</returns>
    public BatchResult? AfterWeights(int count, ITransport transport, CancellationToken cancellation)
    {
        if ((_gathered += count) < microbatches) return null;
        shares.SendGradients(_gathering, transport);
        shares.SumGradients(_gathering, transport, cancellation);
        stage.Settle(stage.Index);
        stage.Optimizer.Prepare();
        if (policy == WeightPolicy.TwoBuffered) Versions.Reserve(2);
        double[] squares = clips ? GradientNorm.Squares(stage.Parameters) : [];
        _gathered = 0;
        return _board!.Contribute(_gathering++, firstParameter, squares);
    }

    /// <summary>W(t+1) = W(t) - step(gradient of batch t), into memory that no graph reads.</summary>
    public void Update()
    {
        IsTorn = true;
        if (_shelved) _shelf.Exchange();
        Versions.Advance(policy == WeightPolicy.TwoBuffered ? _first + _updated : int.MaxValue);
        stage.Optimizer.Step(_board!.ScaleOf(_updated), requireGradient: false);
        stage.Optimizer.ZeroGradient();
        shares.TakeValues();
        if (_shelved) _shelf.Exchange();
        (_shelved, IsTorn) = (false, false);
        _updated++;
    }

    /// <summary>Ends a run: forgets gradients without an update, and keeps the versions that a next run reads.</summary>
    public void End()
    {
        stage.Optimizer.ZeroGradient();
        shares.End();
        _shelf.Clear();
        Versions.ReleaseAll();
        Versions.Forget(policy == WeightPolicy.TwoBuffered ? Versions.Newest - 1 : Versions.Newest);
        Versions.Show(Versions.Newest);
        _board = null;
    }

    /// <summary>Takes what was restored as a whole.</summary>
    public void Mend() => IsTorn = false;

    public void Dispose()
    {
        Versions.Dispose();
        _shelf.Dispose();
    }

    private static WeightVersions VersionsOf(PipelineStage stage, StageShares shares)
    {
        WeightVersions versions = new(stage.Parameters, shares.Replicas);
        foreach ((Parameter replica, Parameter owner) in shares.Followers) versions.Follow(replica, owner);
        return versions;
    }
}
