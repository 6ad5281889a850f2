namespace AutogradCore.Interop;

/// <summary>What reduces: of one rank's numbers, those numbers.</summary>
/// <remarks>Not of eight bits: on one rank NCCL has no multiplied sum of them, nor a mean, which is one.</remarks>
public sealed partial class NcclSelfTest
{
    private static readonly NcclDataType[] Summed = [.. Enum.GetValues<NcclDataType>().Where(type => !type.IsFloat8())];

    private void Reductions()
    {
        foreach ((string name, NcclReduction reduction) in new[]
        {
            ("sum", NcclReduction.Sum), ("product", NcclReduction.Product), ("max", NcclReduction.Max),
            ("min", NcclReduction.Min), ("average", NcclReduction.Average),
        })
            OnMain($"all-reduce, {name}", null, main =>
            {
                foreach (NcclDataType type in Summed) AllReduced(main, type, reduction);
                return $"{Summed.Length} types";
            });
        OnMain("reduce-scatter, sum", null, main =>
        {
            foreach (NcclDataType type in Summed)
            {
                byte[] numbers = NcclNumbers.Counting(type, Count);
                Moved(main, type, numbers, numbers,
                    (from, to) => main.ReduceScatter(from, to, Count, type, NcclReduction.Sum, _device.Stream));
            }
            return $"{Summed.Length} types";
        });
        OnMain("all-reduce, multiplied sum", null, main =>
        {
            foreach (NcclDataType type in Summed) Tripled(main, type);
            return $"{Summed.Length} types, times 3";
        });
    }

    private void AllReduced(NcclCommunicator on, NcclDataType type, NcclReduction reduction)
    {
        byte[] numbers = NcclNumbers.Counting(type, Count);
        Moved(on, type, numbers, numbers, (from, to) => on.AllReduce(from, to, Count, type, reduction, _device.Stream));
    }

    private void Tripled(NcclCommunicator on, NcclDataType type)
    {
        NcclReduction tripled = on.CreatePreMulSum(NcclNumbers.One(type, 3), type);
        Moved(on, type, NcclNumbers.Counting(type, Count), NcclNumbers.Counting(type, Count, factor: 3),
            (from, to) => on.AllReduce(from, to, Count, type, tripled, _device.Stream));
        on.Release(tripled);
    }
}
