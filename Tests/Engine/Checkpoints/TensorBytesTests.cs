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
        TensorBytes.Write(copy, [.. bytes]);
        List<byte> again = [];
        TensorBytes.Read(copy, piece => again.AddRange(piece));
        Assert.That(again, Is.EqualTo(bytes));
    }

    [TestCase(DType.Float32, "F32")]
    [TestCase(DType.Float64, "F64")]
    [TestCase(DType.BFloat16, "BF16")]
    [TestCase(DType.Int32, "I32")]
    [TestCase(DType.Bool, "BOOL")]
    public void Element_types_are_spelt_as_the_format_spells_them(DType dtype, string name) =>
        Assert.That(TensorBytes.DtypeOf(dtype), Is.EqualTo(name));
}
