namespace AutogradCore.Kernels;

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void Gemm(in View a, in View b, in Destination c, in View bias, in View residual) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void GemmMap<TOp>(in View a, in View b, in View bias, in View c, in View y) where TOp : struct, IUnary<TOp> => throw new NotImplementedException();

    /// <inheritdoc/>
    public void GemmSum(ReadOnlySpan<GemmTerm> terms, in Destination c, in Destination rowSums) => throw new NotImplementedException();
}
