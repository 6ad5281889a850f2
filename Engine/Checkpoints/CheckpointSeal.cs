using System.Security.Cryptography;
using System.Text;

namespace AutogradCore;

/// <summary>The digests of a checkpoint: one per tensor, and one over all metadata, those digests included. So every bit is
/// covered, and tensors may stand in any order.</summary>
/// <remarks>Version 1 had one digest over the tensors in the order of the file and none over the metadata; such files are still
/// read, and <see cref="CheckTensors"/> checks them in that way.</remarks>
internal static class CheckpointSeal
{
    /// <summary>The first version that is sealed.</summary>
    public const int FirstVersion = 2;

    /// <summary>The key of the digest over all metadata; in version 1, of the one over all tensors.</summary>
    public const string Key = "digest";

    private const string Hint = "Bytes changed after it was written; copy it again, or use another checkpoint.";

    /// <summary>Notes the digest of one tensor.</summary>
    public static void Add(SafetensorsWriter writer, string tensor, string digest) => writer.Metadata[KeyOf(tensor)] = digest;

    /// <summary>Notes the digest over all metadata; nothing may be added afterwards.</summary>
    public static void Close(SafetensorsWriter writer) => writer.Metadata[Key] = Of(writer.Metadata);

    /// <summary>Throws unless the metadata is as it was written. Reads no tensor.</summary>
    public static void CheckMetadata(SafetensorsFile file)
    {
        string found = Of(file.Metadata), expected = file.Metadata.GetValueOrDefault(Key, "none");
        if (found != expected)
            throw new CheckpointException(file.Path, null,
                $"is corrupt: its metadata has digest {found[..16]}..., and it was written with {expected}.", hint: Hint);
    }

    /// <summary>Throws unless all tensors are as they were written.</summary>
    public static void CheckTensors(SafetensorsFile file)
    {
        if (CheckpointMetadata.VersionOf(file) >= FirstVersion)
            foreach (string name in file.Names) CheckTensor(file, name);
        else
            CheckOrdered(file);
    }

    /// <summary>Throws unless one tensor is as it was written.</summary>
    public static void CheckTensor(SafetensorsFile file, string name)
    {
        string found = TensorDigest.Of(file, file.Entry(name)), expected = file.Metadata.GetValueOrDefault(KeyOf(name), "none");
        if (found != expected)
            throw new CheckpointException(file.Path, file.Entry(name).Offset,
                $"tensor '{name}' is corrupt: it has digest {found[..16]}..., and was written with {expected}.", hint: Hint)
            {
                Tensor = name,
            };
    }

    private static void CheckOrdered(SafetensorsFile file)
    {
        using TensorDigest digest = new();
        foreach (string name in file.Names) digest.Add(file, file.Entry(name));
        string found = digest.ToHex(), expected = file.Metadata.GetValueOrDefault(Key, "none");
        if (found != expected)
            throw new CheckpointException(file.Path, null,
                $"is corrupt: its tensors have digest {found[..16]}..., and it was written with {expected}.",
                hint: Hint + " Checkpoints of version 1 also change when another program reorders their tensors.");
    }

    private static string KeyOf(string tensor) => $"{Key}.{tensor}";

    /// <summary>Keys in ordinal order, every text behind its length, so that no two maps give the same bytes.</summary>
    private static string Of(IEnumerable<KeyValuePair<string, string>> metadata)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string key, string value) in metadata.Where(e => e.Key != Key).OrderBy(e => e.Key, StringComparer.Ordinal))
            hash.AppendData(Encoding.UTF8.GetBytes($"{key.Length} {key} {value.Length} {value}\n"));
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
