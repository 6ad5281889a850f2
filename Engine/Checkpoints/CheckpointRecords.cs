using System.Runtime.InteropServices;

namespace AutogradCore;

/// <summary>The number columns of a checkpoint: each a tensor <c>record.&lt;name&gt;</c> of doubles, listed in the metadata, so
/// that a parameter of such a name is not taken for one.</summary>
internal static class CheckpointRecords
{
    private const string Prefix = "record.", Dtype = "F64";

    /// <summary>The names of the tensors in a file that are records.</summary>
    public static IEnumerable<string> Names(SafetensorsFile file) =>
        file.Metadata.Keys.Where(key => key.StartsWith(Prefix, StringComparison.Ordinal));

    /// <summary>Adds the columns and their digests.</summary>
    public static void Write(SafetensorsWriter writer, IReadOnlyDictionary<string, IReadOnlyList<double>> records)
    {
        foreach ((string column, IReadOnlyList<double> values) in records)
        {
            string name = Prefix + column;
            double[] numbers = [.. values];
            writer.Metadata[name] = "";
            writer.Add(name, Dtype, [numbers.Length], stream => stream.Write(MemoryMarshal.AsBytes<double>(numbers)));
            CheckpointSeal.Add(writer, name, TensorDigest.Of(name, numbers));
        }
    }

    /// <summary>Reads the columns and checks their digests.</summary>
    public static Dictionary<string, IReadOnlyList<double>> Read(SafetensorsFile file)
    {
        Dictionary<string, IReadOnlyList<double>> records = new(StringComparer.Ordinal);
        foreach (string name in Names(file))
        {
            SafetensorsEntry entry = file.Entry(name);
            if (entry is not { Dtype: Dtype, Shape: [_] })
                throw new CheckpointException(file.Path, entry.Offset, $"the record {entry} is not a column of doubles.",
                    hint: "The file was written by something else.")
                {
                    Tensor = name,
                };
            CheckpointSeal.CheckTensor(file, name);
            records[name[Prefix.Length..]] = MemoryMarshal.Cast<byte, double>(file.Bytes(name)).ToArray();
        }
        return records;
    }
}
