using System.Security.Cryptography;

namespace AutogradCore.Cli;

/// <summary>The text to train on and the text to be judged on.</summary>
/// <param name="Split">Both parts.</param>
/// <param name="Digest">Sixteen hexadecimal digits that differ when the text does.</param>
/// <param name="Files">How many files it came from.</param>
internal sealed record TrainingData(CorpusSplit Split, string Digest, int Files)
{
    /// <summary>Loads text files and folders; without any, this repository's own sources and documents.</summary>
    /// <exception cref="AutogradException">Nothing can be read, or it is too short for sequences
    /// of <paramref name="seq"/>.</exception>
    /// <param name="paths">The files and folders.</param>
    /// <param name="seq">Bytes in a sequence.</param>
    /// <param name="remedy">What helps where the text is too short.</param>
    public static TrainingData Load(
        IReadOnlyList<string> paths, int seq, string remedy = "load more text, or use a shorter --seq")
    {
        ByteCorpus corpus = ByteCorpus.Load(Paths(paths));
        CorpusSplit split = corpus.Split(TrainOptions.HeldOut);
        int shortest = Math.Min(split.Training.Length, split.HeldOut.Length);
        if (shortest < seq + 1)
            throw new CorpusException(null, null,
                $"Sequences of {seq} bytes are longer than the data: it has "
                + $"{split.Training.Length} bytes to train on and {split.HeldOut.Length} held out, and both need {seq + 1}.",
                remedy);
        return new TrainingData(split, Convert.ToHexStringLower(SHA256.HashData(corpus.Bytes.Span))[..16], corpus.Files.Count);
    }

    /// <summary>Bytes drawn at random, for measurements that do not depend on the text: nothing has to be read.</summary>
    /// <exception cref="UsageException"><paramref name="seq"/> is longer than an array.</exception>
    public static TrainingData Random(int seq)
    {
        const int Starts = 256; // so many windows to draw from
        if (seq > Array.MaxLength - Starts)
            throw new UsageException($"--seq is {seq}.", $"use {Array.MaxLength - Starts} or less");
        byte[] bytes = new byte[seq + Starts];
        RandomStream random = RandomStream.Named("text", seed: 1);
        for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)random.Bits(i);
        return new TrainingData(new CorpusSplit(bytes, bytes), "random", 0);
    }

    /// <summary>The given paths, or the repository around the current directory.</summary>
    /// <exception cref="UsageException">None was given, and there is no repository around.</exception>
    public static IReadOnlyList<string> Paths(IReadOnlyList<string> given)
    {
        if (given.FirstOrDefault(path => path.StartsWith("--", StringComparison.Ordinal)) is { } option)
            throw new UsageException($"{option} is no option here, and stands where --data takes its paths.",
                "--help lists the options");
        if (given.Count > 0) return given;
        return [SourceTree.Around(Directory.GetCurrentDirectory()) ?? throw new UsageException(
            "No --data was given, and the current directory is not inside the repository "
            + $"({SourceTree.Mark} is not found upwards).",
            "name text files or folders with --data")];
    }
}
