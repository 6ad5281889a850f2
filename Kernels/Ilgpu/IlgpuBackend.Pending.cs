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
    public void Gemm(in View a, in View b, in Destination c, in View bias, in View residual) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void GemmMap<TOp>(in View a, in View b, in View bias, in View c, in View y) where TOp : struct, IUnary<TOp> => throw new NotImplementedException();

    /// <inheritdoc/>
    public void GemmSum(ReadOnlySpan<GemmTerm> terms, in Destination c, in Destination rowSums) => throw new NotImplementedException();

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
