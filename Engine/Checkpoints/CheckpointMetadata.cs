using System.Globalization;

namespace AutogradCore;

/// <summary>The metadata of a checkpoint: the format's name and version, <see cref="CheckpointState"/>,
/// and the digests of <see cref="CheckpointSeal"/>.</summary>
internal static class CheckpointMetadata
{
    public const string Format = "autogradcore.checkpoint";
    public const int Version = 2;
    private const string Prefix = "config.";

    /// <summary>Notes the state; <see cref="CheckpointSeal.Close"/> comes last.</summary>
    public static void Write(SafetensorsWriter writer, CheckpointState state)
    {
        writer.Metadata["format"] = Format;
        writer.Metadata["version"] = Version.ToString(CultureInfo.InvariantCulture);
        writer.Metadata["step"] = state.Step.ToString(CultureInfo.InvariantCulture);
        writer.Metadata["seed"] = state.Seed.ToString(CultureInfo.InvariantCulture);
        foreach ((string key, string value) in state.Configuration) writer.Metadata[Prefix + key] = value;
        CheckpointRecords.Write(writer, state.Records);
    }

    /// <summary>Reads the state of a file that is a checkpoint of a known version, with sound metadata.</summary>
    public static CheckpointState Read(SafetensorsFile file)
    {
        if (!file.Metadata.TryGetValue("format", out string? format) || format != Format)
            throw new CheckpointException(
                file.Path, null, $"is a safetensors file, but not a checkpoint of a training run (format '{format ?? "none"}').",
                hint: "Name a checkpoint that this library wrote.");
        if (VersionOf(file) >= CheckpointSeal.FirstVersion) CheckpointSeal.CheckMetadata(file);
        int step = (int)Number(file, "step", int.MaxValue);
        ulong seed = Number(file, "seed", ulong.MaxValue);
        var configuration = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, string value) in file.Metadata)
            if (key.StartsWith(Prefix, StringComparison.Ordinal)) configuration[key[Prefix.Length..]] = value;
        return new CheckpointState(step, seed, configuration) { Records = CheckpointRecords.Read(file) };
    }

    /// <summary>The version of a checkpoint that this build can read.</summary>
    public static int VersionOf(SafetensorsFile file)
    {
        ulong version = Number(file, "version", int.MaxValue);
        if (version is 0 or > Version)
            throw new CheckpointException(
                file.Path, null, $"has checkpoint version {version}; this build reads versions 1 to {Version}.",
                Version, (long)version, "Read it with the version of this library that wrote it.");
        return (int)version;
    }

    private static ulong Number(SafetensorsFile file, string key, ulong most)
    {
        file.Metadata.TryGetValue(key, out string? text);
        if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) && number <= most)
            return number;
        throw new CheckpointException(file.Path, null,
            text is null ? $"has no '{key}' in its metadata." : $"has '{text}' as its {key}, which is no number in range.",
            hint: "The file is damaged or was written by something else; use another checkpoint.");
    }
}
