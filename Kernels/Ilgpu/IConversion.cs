namespace AutogradCore.Kernels.Ilgpu;

/// <summary>One element type's values in another, as a type that kernels are compiled with.</summary>
internal interface IConversion<TFrom, TTo>
{
    /// <summary>x as <typeparamref name="TTo"/>. To integers: truncated, saturated, NaN is 0. To masks: whether it is not
    /// 0.</summary>
    static abstract TTo Apply(TFrom x);
}
