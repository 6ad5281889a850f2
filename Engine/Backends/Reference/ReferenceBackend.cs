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

    private WidenedVerbs Widened => field ??= new(this);

    /// <inheritdoc/>
    public virtual IDisposable Hold(IReadOnlyList<View> matrices) => NoPromise.Instance;

    /// <inheritdoc/>
    public virtual void Synchronize()
    {
    }

    /// <summary>Frees the pool's waiting memory; buffers still lent are freed when they come back.</summary>
    public virtual void Dispose()
    {
        Memory.Dispose();
        GC.SuppressFinalize(this);
    }
}
