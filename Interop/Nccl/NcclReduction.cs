namespace AutogradCore.Interop;

/// <summary>How ranks' numbers become one: <c>ncclRedOp_t</c>, built in, or made by
/// <see cref="NcclCommunicator.CreatePreMulSum"/>.</summary>
internal readonly record struct NcclReduction(int Value)
{
    public static NcclReduction Sum => new(0);

    public static NcclReduction Product => new(1);

    public static NcclReduction Max => new(2);

    public static NcclReduction Min => new(3);

    /// <summary>The sum divided by the number of ranks.</summary>
    public static NcclReduction Average => new(4);
}
