using System.Numerics;

namespace AutogradCore.Kernels.Host;

/// <summary>
/// Attention without the T x S matrix: o = softmax(scale·q·kᵀ + mask)·v and its gradients, on the threads of one pool.
/// </summary>
/// <remarks>
/// Parts are (batch, key head) pairs, whatever the thread count, so the bits never depend on it. A query that sees no key
/// gives 0.
/// </remarks>
internal sealed unsafe class FlashAttention : IDisposable
{
    private readonly WorkerPool _pool;
    private readonly ScratchSet _scratch;
    private readonly SimdLevel _level;
    private readonly FlashOutcome _outcome = new();

    /// <summary>Attention on <paramref name="pool"/>, which stays the caller's.</summary>
    public FlashAttention(WorkerPool pool, SimdLevel? level = null)
    {
        _pool = pool;
        _scratch = new ScratchSet(pool.Threads);
        _level = level ?? SimdLevels.Best;
    }

    /// <summary>Writes o:[B,T,Hq,D] and, where given, lse:[B,Hq,T], the logarithm of each row's sum of exponentials.</summary>
    /// <returns>Whether the results hold; false where something is not finite: see <see cref="FlashOutcome"/>.</returns>
    public bool Forward<T>(
        in FlashShape shape, in FlashRef<T> q, in FlashRef<T> k, in FlashRef<T> v, in FlashRef<T> o, double* lse)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        _outcome.IsFinite = true;
        _pool.Run(shape.Batch * shape.KeyHeads, new FlashForward<T>(_level, _scratch, shape, q, k, v, o, lse, _outcome));
        return _outcome.IsFinite;
    }

    /// <summary>
    /// Writes or adds, as each destination says, the gradients that are wanted; a default destination is not computed.
    /// </summary>
    /// <param name="shape">Sizes, as in the forward call.</param>
    /// <param name="q">Queries.</param>
    /// <param name="k">Keys.</param>
    /// <param name="v">Values.</param>
    /// <param name="o">The forward result.</param>
    /// <param name="lse">The forward logarithms.</param>
    /// <param name="dO">Gradient of o.</param>
    /// <param name="dq">Destination [B,T,Hq,D].</param>
    /// <param name="dk">Destination [B,S,Hkv,D].</param>
    /// <param name="dv">Destination [B,S,Hkv,D].</param>
    /// <returns>Whether the results hold; false where something is not finite: see <see cref="FlashOutcome"/>.</returns>
    public bool Backward<T>(
        in FlashShape shape, in FlashRef<T> q, in FlashRef<T> k, in FlashRef<T> v, in FlashRef<T> o, double* lse,
        in FlashRef<T> dO, in FlashRef<T> dq, in FlashRef<T> dk, in FlashRef<T> dv)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        _outcome.IsFinite = true;
        _pool.Run(
            shape.Batch * shape.KeyHeads,
            new FlashBackward<T>(_level, _scratch, shape, q, k, v, o, lse, dO, dq, dk, dv, _outcome));
        return _outcome.IsFinite;
    }

    /// <summary>Frees the working memory.</summary>
    public void Dispose() => _scratch.Dispose();
}
