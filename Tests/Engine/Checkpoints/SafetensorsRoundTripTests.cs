using System.Runtime.InteropServices;
using System.Text;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

public sealed class SafetensorsRoundTripTests
{
    [Test]
    public void What_is_written_is_read_back()
    {
        using var folder = new TemporaryFolder();
        float[] weights = [1.5f, -2, float.NaN, 0, 3, 4];
        var writer = new SafetensorsWriter();
        writer.Metadata["step"] = "12";
        writer.Metadata["author \"é\""] = "line\nline";
        writer.Add("odd", "U8", [3], new byte[] { 1, 2, 3 });
        writer.Add("mlp.up", "F32", [2, 3], stream => stream.Write(MemoryMarshal.AsBytes<float>(weights)));
        writer.Add("empty", "I64", [4, 0], ReadOnlyMemory<byte>.Empty);
        writer.Add("scalar", "BF16", [], new byte[] { 0x80, 0x3f });
        writer.Save(folder["a.safetensors"]);

        using SafetensorsFile file = SafetensorsFile.Open(folder["a.safetensors"]);
        Assert.That(file.Names, Is.EqualTo(new[] { "odd", "mlp.up", "empty", "scalar" }));
        Assert.That(file.Metadata, Is.EquivalentTo(writer.Metadata));
        Assert.That(file.Bytes("odd").ToArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(MemoryMarshal.Cast<byte, float>(file.Bytes("mlp.up")).ToArray(), Is.EqualTo(weights));
        Assert.That(file.Bytes("mlp.up", 4, 8).ToArray(), Is.EqualTo(file.Bytes("mlp.up").Slice(4, 8).ToArray()));
        Assert.That(file.Entry("mlp.up").ToString(), Is.EqualTo("mlp.up F32 [2,3]"));
        Assert.That(file.Bytes("empty").Length, Is.Zero);
        Assert.That(file.Entry("scalar").Shape, Is.Empty);
        Assert.That(file.Contains("scalar"), Is.True);
        Assert.That(file.Contains("other"), Is.False);
    }

    [Test]
    public void A_file_without_tensors_is_valid()
    {
        using var folder = new TemporaryFolder();
        new SafetensorsWriter().Save(folder["a"]);
        using SafetensorsFile file = SafetensorsFile.Open(folder["a"]);
        Assert.That(file.Names, Is.Empty);
        Assert.That(file.Metadata, Is.Empty);
    }

    [Test]
    public void The_bytes_are_the_format_and_the_data_starts_at_a_multiple_of_64()
    {
        using var folder = new TemporaryFolder();
        var writer = new SafetensorsWriter();
        writer.Metadata["z"] = "1";
        writer.Metadata["a"] = "2";
        writer.Add("w", "I16", [1, 2], new byte[] { 9, 8, 7, 6 });
        writer.Save(folder["a"]);

        const string header = """{"__metadata__":{"a":"2","z":"1"},"w":{"dtype":"I16","shape":[1,2],"data_offsets":[0,4]}}""";
        byte[] bytes = File.ReadAllBytes(folder["a"]);
        Assert.That(BitConverter.ToInt64(bytes), Is.EqualTo(128 - 8));
        Assert.That(Encoding.UTF8.GetString(bytes, 8, 120), Is.EqualTo(header.PadRight(120)));
        Assert.That(bytes[128..], Is.EqualTo(new byte[] { 9, 8, 7, 6 }));
    }

    [Test]
    public void Saving_twice_gives_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        var writer = new SafetensorsWriter();
        writer.Add("w", "F64", [2], new byte[16]);
        writer.Save(folder["a"]);
        writer.Save(folder["b"]);
        Assert.That(File.ReadAllBytes(folder["a"]), Is.EqualTo(File.ReadAllBytes(folder["b"])));
    }

    [Test]
    public void Asking_for_a_missing_tensor_lists_what_there_is()
    {
        using var folder = new TemporaryFolder();
        var writer = new SafetensorsWriter();
        writer.Add("mlp.up", "U8", [1], new byte[1]);
        writer.Save(folder["a"]);
        using SafetensorsFile file = SafetensorsFile.Open(folder["a"]);
        Assert.That(() => file.Entry("mlp.down"),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("mlp.down").And.Message.Contains("mlp.up"));
        Assert.That(() => file.Bytes("mlp.up", 1, 1).Length, Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_disposed_file_gives_no_bytes()
    {
        using var folder = new TemporaryFolder();
        var writer = new SafetensorsWriter();
        writer.Add("w", "U8", [1], new byte[1]);
        writer.Save(folder["a"]);
        SafetensorsFile file = SafetensorsFile.Open(folder["a"]);
        file.Dispose();
        file.Dispose();
        Assert.That(() => file.Bytes("w").Length, Throws.TypeOf<ObjectDisposedException>());
    }
}
