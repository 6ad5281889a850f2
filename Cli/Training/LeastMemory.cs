using AutogradCore.Nn;

namespace AutogradCore.Cli;

/// <summary>What a run needs at least, by arithmetic, so that sizes which cannot fit are refused before any work.</summary>
/// <remarks>The estimate stays below what a run takes: it counts parameters with gradients, the tokens of a step, what one
/// microbatch keeps for its backward pass, and the recordings of all microbatches.</remarks>
internal static class LeastMemory
{
    /// <summary>Bytes that the recording of a block takes at least for each microbatch, beside its tensors; about twice as many
    /// were measured.</summary>
    private const long RecordingBytes = 16 << 10;

    /// <summary>What this process may use of the machine's memory.</summary>
    public static long Available => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Refuses sizes beyond what an array or the machine can hold.</summary>
    /// <exception cref="UsageException">A product of options is too large for one array or one tensor.</exception>
    /// <exception cref="AllocationException">The machine has less memory than the run needs at least.</exception>
    public static void Require(TrainOptions options)
    {
        GptConfig sizes = options.Sizes;
        long tokens = (long)options.Batch * options.Seq, each = (long)(options.Batch / options.Microbatches) * options.Seq;
        if (tokens > Array.MaxLength)
            throw new UsageException(
                $"--batch {options.Batch} x --seq {options.Seq} are {tokens:N0} tokens in a step; "
                + $"at most {Array.MaxLength:N0} fit.",
                "use a smaller batch or shorter sequences");
        long widest = Widest(sizes);
        if (each * widest > int.MaxValue)
            throw new UsageException(
                $"A microbatch of {each:N0} tokens has a tensor of {each * widest:N0} elements; at most {int.MaxValue:N0} fit.",
                "use more microbatches, a smaller batch or shorter sequences");
        long bytes = Of(options, sizes, tokens, each);
        if (bytes > Available)
            throw new AllocationException(
                $"These sizes need at least {Gibibytes(bytes)} of memory, and {Gibibytes(Available)} are there "
                + $"(--batch {options.Batch}, --seq {options.Seq}, --microbatches {options.Microbatches}, {options.Model}).",
                "use a smaller batch, shorter sequences or fewer microbatches");
    }

    /// <summary>How many sequences of a model's context one batch can have, up to a wanted number: no tensor of it has more
    /// elements than there may be.</summary>
    public static int RowsOf(GptConfig sizes, int wanted) =>
        (int)Math.Clamp(int.MaxValue / (sizes.Context * Widest(sizes)), 1, wanted);

    /// <summary>The most elements that any op makes of one token.</summary>
    private static long Widest(GptConfig sizes) => Math.Max(4L * sizes.Features, sizes.Vocabulary);

    private static long Of(TrainOptions options, GptConfig sizes, long tokens, long each)
    {
        long c = sizes.Features, v = sizes.Vocabulary;
        long parameters = c * (v + sizes.Context) + sizes.Layers * 12 * c * c;
        long activations = options.Backend is "host" or "reference" ? each * (sizes.Layers * 12 * c + v) : 0;
        int width = sizes.Precision == Precision.Float32 ? sizeof(float) : sizeof(ushort);
        return 2 * sizeof(float) * parameters + 2 * sizeof(int) * tokens + width * activations
            + (long)options.Microbatches * sizes.Layers * RecordingBytes;
    }

    private static string Gibibytes(long bytes) => $"{bytes / (double)(1 << 30):N1} GiB";
}
