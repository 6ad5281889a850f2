using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

public sealed class TensorBytesTests
{
    [Test]
    public void A_tensor_of_every_element_type_comes_back_from_its_bytes([Values] DType dtype)
    {
        using ReferenceBackend backend = new();
        using Tensor tensor = new(backend, [2, 3], dtype), copy = new(backend, [2, 3], dtype);
        backend.Fill(tensor.View, 1.5);
        backend.Fill(copy.View, 0);
        List<byte> bytes = [];
        TensorBytes.Read(tensor, piece => bytes.AddRange(piece));
        Assert.That(bytes, Has.Count.EqualTo(6 * dtype.Size()));
        TensorBytes.Write(copy, (offset, length) => bytes.Slice((int)offset, length).ToArray());
        List<byte> again = [];
        TensorBytes.Read(copy, piece => again.AddRange(piece));
        Assert.That(again, Is.EqualTo(bytes));
    }

    [Test]
    public void Copies_go_piece_by_piece_and_each_piece_is_asked_for_at_its_own_offset(
        [Values] DType dtype, [Values(1, 8, 24, 1000)] int piece)
    {
        using ReferenceBackend backend = new();
        using Tensor tensor = new(backend, [3, 5], dtype), copy = new(backend, [3, 5], dtype);
        byte[] content = [.. Enumerable.Range(0, 15 * dtype.Size()).Select(i => (byte)(dtype == DType.Bool ? i & 1 : i * 37))];
        TensorBytes.Write(tensor, (offset, length) => content.AsSpan((int)offset, length));
        backend.Fill(copy.View, 0);
        int most = Math.Max(piece / dtype.Size(), 1) * dtype.Size();
        List<byte> bytes = [];
        TensorBytes.Read(tensor, part =>
        {
            Assert.That(part.Length, Is.LessThanOrEqualTo(most));
            bytes.AddRange(part);
        }, piece);
        int version = copy.Version;
        TensorBytes.Write(copy, (offset, length) =>
        {
            Assert.That(length, Is.LessThanOrEqualTo(most));
            return bytes.Slice((int)offset, length).ToArray();
        }, piece);
        List<byte> again = [];
        TensorBytes.Read(copy, part => again.AddRange(part));
        Assert.That(bytes, Is.EqualTo(content));
        Assert.That(again, Is.EqualTo(content));
        Assert.That(copy.Version, Is.GreaterThan(version), "graphs that read the tensor are told");
    }

    [TestCase(DType.Float32, "F32")]
    [TestCase(DType.Float64, "F64")]
    [TestCase(DType.BFloat16, "BF16")]
    [TestCase(DType.Int32, "I32")]
    [TestCase(DType.Bool, "BOOL")]
    public void Element_types_are_spelt_as_the_format_spells_them(DType dtype, string name) =>
        Assert.That(TensorBytes.DtypeOf(dtype), Is.EqualTo(name));
}
