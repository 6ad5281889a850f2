namespace AutogradCore;

/// <summary>
/// What a machine must be able to do: a small set of verbs over views of its own memory. <see cref="ReferenceBackend"/> is the
/// specification in plain loops; other backends are checked against it verb by verb.
/// </summary>
/// <remarks>
/// Verbs are enqueued in order and may return before they finish; <see cref="Download{T}"/> and <see cref="Synchronize"/> wait,
/// and throw what a device noticed only then, such as an index outside its table.
/// Results are the same bits on every run and for any number of threads. Views are dense unless a verb says otherwise. All
/// floating operands of a verb share one element type, except that Float32 and BFloat16 may meet: a verb computes as on floats,
/// and rounds once what it stores as BFloat16 (<see cref="WidenedVerbs"/>). A loss is a float beside either. A norm's statistics
/// and log-sums are doubles beside every type (<see cref="DTypes.Statistics"/>), and sums are taken in double. Destinations say
/// whether they are overwritten or accumulated into.
/// Ops check shapes with the better words; a backend asks <see cref="VerbShapes"/> first, so that no call reaches memory
/// outside its views. Disposing a backend waits for the verbs that other threads are inside, and later ones throw
/// <see cref="ObjectDisposedException"/> (<see cref="VerbGate"/>).
/// </remarks>
public interface IBackend : IDisposable
{
    /// <summary>A short name for messages and files: <c>reference</c>, <c>host</c>.</summary>
    string Name { get; }

    /// <summary>The memory that views point into.</summary>
    MemoryPool Memory { get; }

    /// <summary>Copies from host memory into a dense view of equal element count.</summary>
    void Upload<T>(ReadOnlySpan<T> from, in View into) where T : unmanaged;

    /// <summary>Copies a dense view to host memory, after all enqueued work.</summary>
    void Download<T>(in View from, Span<T> into) where T : unmanaged;

    /// <summary>Waits until all enqueued work is done.</summary>
    void Synchronize();

    /// <summary>Throws what enqueued verbs may have noticed, such as an index outside its table. Waits only where one of them can
    /// have noticed anything.</summary>
    void Verify() => Synchronize();

    /// <summary>Whether all that this backend and another one are told, on whatever threads, runs in the order in which they are
    /// told it, so that either may read and overwrite what the other one works on without a wait.</summary>
    bool IsOrderedWith(IBackend other) => ReferenceEquals(this, other);

    /// <summary>Promises that nobody writes to some matrices, such as weights within a step, until the result is disposed. A
    /// backend may keep them in the form that its products read; it never has to.</summary>
    /// <param name="matrices">Dense float matrices in this backend's memory.</param>
    /// <returns>Ends the promise when it is disposed; on the thread that calls the backend, like any verb.</returns>
    IDisposable Hold(IReadOnlyList<View> matrices) => NoPromise.Instance;

    /// <summary>y = value, for any element type.</summary>
    void Fill(in View y, double value);

    /// <summary>y = x (or y += x) between strided views of one shape and element type, or between Float32 and BFloat16; x may
    /// have stride 0.</summary>
    void Copy(in View x, in Destination y);

    /// <summary>y = x converted to y's element type; strided x allowed.
    /// Floats to int truncate towards zero; to bool, non-zero is 1; doubles and integers to BFloat16 become floats
    /// first.</summary>
    void Cast(in View x, in Destination y);

    /// <summary>y = f(x), elementwise.</summary>
    void Map<TOp>(in View x, in Destination y) where TOp : struct, IUnary<TOp>;

    /// <summary>y = f(a, b), elementwise; a and b broadcast to y's shape.</summary>
    void Zip<TOp>(in View a, in View b, in Destination y) where TOp : struct, IBinary<TOp>;

    /// <summary>y = scale·x + shift, elementwise.</summary>
    void Affine(in View x, double scale, double shift, in Destination y);

    /// <summary>y = mask ? a : b; mask is Bool, an absent a or b is zero; all three broadcast to y's shape.</summary>
    void Where(in View mask, in View a, in View b, in Destination y);

    /// <summary>Sums x over the axes along which y has length 1 (or lacks, at the outer end).</summary>
    void Sum(in View x, in Destination y);

    /// <summary>y = max of x along <paramref name="axis"/>, index = its first position (Int32); y and index have length 1 there.
    /// NaN wins.</summary>
    void Max(in View x, int axis, in View y, in View index);

    /// <summary>dx = dy at the recorded position, zero elsewhere (or nothing added elsewhere).</summary>
    void MaxGradient(in View dy, in View index, int axis, in Destination dx);

    /// <summary>C = A·B + bias + residual over the two inner axes; A:[..,M,K], B:[..,K,N] may be transposed views
    /// (<see cref="View.T"/>) and may repeat along the outer axes; C:[..,M,N] dense; bias:[N] or absent; residual of C's shape,
    /// dense, or absent. The sum, what C held where it accumulates, bias and residual are added in that order. A C of
    /// BFloat16 is rounded before the residual is added, and again after.</summary>
    void Gemm(in View a, in View b, in Destination c, in View bias = default, in View residual = default);

    /// <summary>C = A·B + bias and y = f(C): the bits of <see cref="Gemm"/> and <see cref="Map{TOp}"/>, in one pass over C.
    /// y:[..,M,N] dense.</summary>
    void GemmMap<TOp>(in View a, in View b, in View bias, in View c, in View y) where TOp : struct, IUnary<TOp>;

    /// <summary>C = Σ A·B over the terms, in order, and rowSums = Σ A over K, where wanted: the gradients of a weight and of its
    /// bias in one pass. The same bits as one call per term, the later ones accumulating, where C is not BFloat16.
    /// A:[M,K]  B:[K,N]  C:[M,N]  rowSums:[M]</summary>
    void GemmSum(ReadOnlySpan<GemmTerm> terms, in Destination c, in Destination rowSums = default);

    /// <summary>Softmax over the last axis; zeros in a row of -∞ alone, as attention gives for a query that sees no key, and with
    /// them a gradient of zeros.</summary>
    void Softmax(in View x, in Destination y);

    /// <summary>dx = y ⊙ (dy - Σ y⊙dy) over the last axis.</summary>
    void SoftmaxGradient(in View y, in View dy, in Destination dx);

    /// <summary>y = x - log Σ exp x over the last axis; -∞ in a row of -∞ alone.</summary>
    void LogSoftmax(in View x, in Destination y);

    /// <summary>dx = dy - exp(y)·Σ dy over the last axis.</summary>
    void LogSoftmaxGradient(in View y, in View dy, in Destination dx);

    /// <summary>Cross-entropy of logits:[N,V] against class targets:[N] (Int32).
    /// Writes the scalar loss and lse:[N] = log Σ exp.</summary>
    /// <exception cref="IndexRangeException">A target outside 0..V-1 that is not the ignored one.</exception>
    void CrossEntropy(in View logits, in View targets, in CrossEntropyOptions options, in View loss, in View lse);

    /// <summary>dlogits = dloss·(softmax(logits) - target distribution), divided by the rows that count for the mean.
    /// It may overwrite the logits.</summary>
    void CrossEntropyGradient(
        in View logits, in View targets, in View lse, in View dloss, in CrossEntropyOptions options, in Destination dlogits);

    /// <summary>y = (x - mean)·rstd·gamma + beta over the last axis C; gamma, beta:[C] or absent;
    /// writes mean and rstd:[rows].</summary>
    void LayerNorm(in View x, in View gamma, in View beta, double epsilon, in Destination y, in View mean, in View rstd);

    /// <summary>dx of <see cref="LayerNorm"/>; reads x, gamma and the saved mean and rstd.</summary>
    void LayerNormInputGradient(in View x, in View gamma, in View mean, in View rstd, in View dy, in Destination dx);

    /// <summary>dgamma = Σ dy⊙x̂ and dbeta = Σ dy over rows; either may be absent.</summary>
    void LayerNormWeightGradient(in View x, in View mean, in View rstd, in View dy, in Destination dgamma, in Destination dbeta);

    /// <summary>y = x·rms·gamma with rms = 1/sqrt(mean(x²) + epsilon) over the last axis; gamma:[C] or absent;
    /// writes rms:[rows].</summary>
    void RmsNorm(in View x, in View gamma, double epsilon, in Destination y, in View rms);

    /// <summary>dx of <see cref="RmsNorm"/>.</summary>
    void RmsNormInputGradient(in View x, in View gamma, in View rms, in View dy, in Destination dx);

    /// <summary>dgamma = Σ dy⊙x·rms over rows.</summary>
    void RmsNormWeightGradient(in View x, in View rms, in View dy, in Destination dgamma);

    /// <summary>y[n] = table[ids[n]]: table:[V,C], ids:[N] (Int32), y:[N,C].</summary>
    /// <exception cref="IndexRangeException">An id outside 0..V-1.</exception>
    void Gather(in View table, in View ids, in Destination y);

    /// <summary>dtable[ids[n]] += dy[n], n ascending, in double and rounded once; a writing destination is cleared
    /// first.</summary>
    void ScatterAdd(in View dy, in View ids, in Destination dtable);

    /// <summary>Attention of q:[B,T,H,D] over k, v:[B,S,G,D] with H a multiple of G (grouped-query); writes y:[B,T,H,D] and
    /// lse:[B,H,T] = log Σ exp of the masked scaled scores. A query that sees no key gets zeros and lse = -∞.</summary>
    void Attention(in View q, in View k, in View v, in AttentionOptions options, in View y, in View lse);

    /// <summary>Gradients of <see cref="Attention"/>; each of dq, dk, dv may be absent.</summary>
    void AttentionGradient(in View q, in View k, in View v, in View y, in View lse, in View dy, in AttentionOptions options,
        in Destination dq, in Destination dk, in Destination dv);

    /// <summary>Rotary embedding of x:[B,T,H,D], D even.</summary>
    void Rotary(in View x, in RotaryOptions options, in Destination y);

    /// <summary>y[i] = x[i]/(1-p) where stream.Uniform(i) >= p, else 0: its own gradient rule too.</summary>
    void Dropout(in View x, double p, RandomStream stream, in Destination y);

    /// <summary>Whether every element is finite; waits for the result.</summary>
    bool IsFinite(in View x);

    /// <summary>Σ x², summed in double in a fixed order; waits for the result.</summary>
    double SquaredNorm(in View x);

    /// <summary>One SGD update of w in place; velocity may be absent when momentum is 0.</summary>
    void Sgd(in View w, in View gradient, in View velocity, in SgdStep step);

    /// <summary>One Adam or AdamW update of w and its two moments in place, computed in double. A second moment that the element
    /// type cannot hold is stored as its largest number: after infinity the weight would never move again.</summary>
    void Adam(in View w, in View gradient, in View moment1, in View moment2, in AdamStep step);
}
