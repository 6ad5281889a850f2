namespace AutogradCore.Kernels;

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void Fill(in View y, double value) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Copy(in View x, in Destination y) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Cast(in View x, in Destination y) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Zip<TOp>(in View a, in View b, in Destination y) where TOp : struct, IBinary<TOp> => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Affine(in View x, double scale, double shift, in Destination y) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Where(in View mask, in View a, in View b, in Destination y) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Sum(in View x, in Destination y) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Max(in View x, int axis, in View y, in View index) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void MaxGradient(in View dy, in View index, int axis, in Destination dx) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void SoftmaxGradient(in View y, in View dy, in Destination dx) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void LogSoftmax(in View x, in Destination y) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void LogSoftmaxGradient(in View y, in View dy, in Destination dx) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void CrossEntropy(in View logits, in View targets, in CrossEntropyOptions options, in View loss, in View lse) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void CrossEntropyGradient( in View logits, in View targets, in View lse, in View dloss, in CrossEntropyOptions options, in Destination dlogits) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void LayerNorm(in View x, in View gamma, in View beta, double epsilon, in Destination y, in View mean, in View rstd) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void LayerNormInputGradient(in View x, in View gamma, in View mean, in View rstd, in View dy, in Destination dx) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void LayerNormWeightGradient(in View x, in View mean, in View rstd, in View dy, in Destination dgamma, in Destination dbeta) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void RmsNorm(in View x, in View gamma, double epsilon, in Destination y, in View rms) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void RmsNormInputGradient(in View x, in View gamma, in View rms, in View dy, in Destination dx) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void RmsNormWeightGradient(in View x, in View rms, in View dy, in Destination dgamma) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Gather(in View table, in View ids, in Destination y) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void ScatterAdd(in View dy, in View ids, in Destination dtable) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Attention(in View q, in View k, in View v, in AttentionOptions options, in View y, in View lse) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void AttentionGradient(in View q, in View k, in View v, in View y, in View lse, in View dy, in AttentionOptions options, in Destination dq, in Destination dk, in Destination dv) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Rotary(in View x, in RotaryOptions options, in Destination y) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dropout(in View x, double p, RandomStream stream, in Destination y) => throw new NotImplementedException();

    /// <inheritdoc/>
    public bool IsFinite(in View x) => throw new NotImplementedException();

    /// <inheritdoc/>
    public double SquaredNorm(in View x) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Sgd(in View w, in View gradient, in View velocity, in SgdStep step) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Adam(in View w, in View gradient, in View moment1, in View moment2, in AdamStep step) => throw new NotImplementedException();
}
