namespace AutogradCore;

/// <summary>The specification of every verb in plain loops, for float and double. Sums are taken in double, by index.
/// <see cref="DType.BFloat16"/> goes through floats: see <see cref="WidenedVerbs"/>.</summary>
/// <remarks>
/// A faster backend may derive from it and override the verbs that it does better. Verbs run at once on the calling thread. A
/// destination may be the same view as an operand of a verb that works element by element or row by row; other overlaps are
/// undefined.
/// </remarks>
public partial class ReferenceBackend : IBackend
{
    /// <inheritdoc/>
    public virtual string Name => "reference";

    /// <inheritdoc/>
    public MemoryPool Memory { get; } = new();

    private readonly VerbGate _gate = new();

    private WidenedVerbs Widened => field ??= new(this);

    /// <inheritdoc/>
    public virtual IDisposable Hold(IReadOnlyList<View> matrices)
    {
        using VerbGate.Pass pass = Enter();
        return NoPromise.Instance;
    }

    /// <inheritdoc/>
    public virtual void Synchronize()
    {
        using VerbGate.Pass pass = Enter();
    }

    /// <summary>Waits for verbs under way on other threads, then frees the pool's waiting memory; buffers still lent are freed
    /// when they come back. Later verbs throw <see cref="ObjectDisposedException"/>.</summary>
    /// <exception cref="InvalidOperationException">One of the backend's own verbs called it.</exception>
    public void Dispose()
    {
        if (!_gate.Close()) return;
        Free();
        Memory.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>What every verb begins with: it may run, and the backend is not disposed before it ends.</summary>
    /// <exception cref="ObjectDisposedException">The backend is disposed.</exception>
    protected VerbGate.Pass Enter() => _gate.Enter(this);

    /// <summary>Frees what a derived backend has for itself, once no verb is under way.</summary>
    protected virtual void Free()
    {
    }
}
