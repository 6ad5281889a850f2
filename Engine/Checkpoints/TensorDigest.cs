using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace AutogradCore;

/// <summary>SHA-256 over named tensors in order: each as "name, dtype, shape" on a line, then its bytes.</summary>
internal sealed class TensorDigest : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>The digest of one tensor.</summary>
    public static string Of(string name, Tensor tensor)
    {
        using TensorDigest digest = new();
        digest.Add(name, tensor);
        return digest.ToHex();
    }

    /// <summary>The digest of one axis of doubles.</summary>
    public static string Of(string name, double[] column)
    {
        using TensorDigest digest = new();
        digest.AddHeader(name, "F64", $"{column.Length}");
        digest._hash.AppendData(MemoryMarshal.AsBytes<double>(column));
        return digest.ToHex();
    }

    /// <summary>The digest of one tensor of a file.</summary>
    public static string Of(SafetensorsFile file, SafetensorsEntry entry)
    {
        using TensorDigest digest = new();
        digest.Add(file, entry);
        return digest.ToHex();
    }

    public void Add(string name, Tensor tensor)
    {
        AddHeader(name, TensorBytes.DtypeOf(tensor.DType), string.Join(',', tensor.Shape.ToArray()));
        TensorBytes.Read(tensor, _hash.AppendData);
    }

    public void Add(SafetensorsFile file, SafetensorsEntry entry)
    {
        AddHeader(entry.Name, entry.Dtype, string.Join(',', entry.Shape));
        for (long at = 0; at < entry.ByteLength; at += TensorBytes.Piece)
            _hash.AppendData(file.Bytes(entry.Name, at, (int)Math.Min(TensorBytes.Piece, entry.ByteLength - at)));
    }

    /// <summary>The digest in lower-case hexadecimal.</summary>
    public string ToHex() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    public void Dispose() => _hash.Dispose();

    private void AddHeader(string name, string dtype, string shape)
        => _hash.AppendData(Encoding.UTF8.GetBytes($"{name} {dtype} [{shape}]\n"));
}
