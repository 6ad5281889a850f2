using System.Security.Cryptography;

namespace AutogradCore.Cli;

/// <summary>The text to train on and the text to be judged on.</summary>
/// <param name="Split">Both parts.</param>
/// <param name="Digest">Sixteen hexadecimal digits that differ when the text does.</param>
/// <param name="Files">How many files it came from.</param>
internal sealed record TrainingData(CorpusSplit Split, string Digest, int Files)
{
    private const string Solution = "AutogradCore.sln";

    /// <summary>Loads text files and folders; without any, this repository's own sources and documents.</summary>
    /// <exception cref="AutogradException">Nothing can be read, or it is too short for sequences
    /// of <paramref name="seq"/>.</exception>
    public static TrainingData Load(IReadOnlyList<string> paths, int seq)
    {
        ByteCorpus corpus = ByteCorpus.Load(Paths(paths));
        CorpusSplit split = corpus.Split(TrainOptions.HeldOut);
        int shortest = Math.Min(split.Training.Length, split.HeldOut.Length);
        if (shortest < seq + 1)
            throw new CorpusException(null, null,
                $"--seq {seq} is longer than the data: it has "
                + $"{split.Training.Length} bytes to train on and {split.HeldOut.Length} held out, and both need {seq + 1}.",
                "load more text, or use a shorter --seq");
        return new TrainingData(split, Convert.ToHexStringLower(SHA256.HashData(corpus.Bytes.Span))[..16], corpus.Files.Count);
    }

    /// <summary>The given paths, or the repository around the current directory.</summary>
    /// <exception cref="UsageException">None was given, and there is no repository around.</exception>
    public static IReadOnlyList<string> Paths(IReadOnlyList<string> given)
    {
        if (given.FirstOrDefault(path => path.StartsWith("--", StringComparison.Ordinal)) is { } option)
            throw new UsageException(
                $"{option} is no option of train, and stands where --data takes its paths.",
                    "train --help lists the options");
        if (given.Count > 0) return given;
        for (DirectoryInfo? folder = new(Directory.GetCurrentDirectory()); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, Solution))) return [folder.FullName];
        throw new UsageException(
            $"No --data was given, and the current directory is not inside the repository ({Solution} is not found upwards).",
            "name text files or folders with --data");
    }
}
