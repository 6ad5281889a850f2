using System.Buffers.Binary;
using System.Text;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

public sealed class SafetensorsFileTests
{
    private const string W = "\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";

    [TestCase("", "start with '{'")]
    [TestCase("[]", "start with '{'")]
    [TestCase(" {}", "start with '{'")]
    [TestCase("{", "not valid JSON")]
    [TestCase("{" + W + "} x", "not valid JSON")]
    [TestCase("{" + W + "}{}", "not valid JSON")]
    [TestCase("{\"\\ud800\":{}}", "not valid JSON")]
    [TestCase("{\"\u00ff\":{}}", "not UTF-8", true)]
    [TestCase("{\"w\":3}", "'w' should be an object")]
    [TestCase("{" + W + "," + W + "}", "'w' occurs twice")]
    [TestCase("{\"__metadata__\":{\"a\":1}}", "metadata 'a' should be a string")]
    [TestCase("{\"__metadata__\":{\"a\":\"1\",\"a\":\"1\"}}", "'a' occurs twice")]
    [TestCase("{\"w\":{\"shape\":[2],\"data_offsets\":[0,8]}}", "lacks its dtype")]
    [TestCase("{\"w\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}", "lacks its shape")]
    [TestCase("{\"w\":{\"dtype\":\"F32\",\"shape\":[2]}}", "lacks its data_offsets")]
    [TestCase("{\"w\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", "two entries 'dtype'")]
    [TestCase("{\"w\":{\"dtype\":32}}", "should be a string")]
    [TestCase("{\"w\":{\"dtype\":\"F31\",\"shape\":[2],\"data_offsets\":[0,8]}}", "unknown dtype 'F31'")]
    [TestCase("{\"w\":{\"dtype\":\"F32\",\"shape\":2}}", "should be an array")]
    [TestCase("{\"w\":{\"dtype\":\"F32\",\"shape\":[\"2\"]}}", "array of numbers")]
    [TestCase("{\"w\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", "not an integer from 0")]
    [TestCase("{\"w\":{\"dtype\":\"F32\",\"shape\":[2.5],\"data_offsets\":[0,8]}}", "not an integer from 0")]
    [TestCase("{\"w\":{\"dtype\":\"F32\",\"shape\":[9223372036854775808],\"data_offsets\":[0,8]}}", "not an integer from 0")]
    [TestCase("{\"w\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,8]}}", "more than 2^63 bytes")]
    [TestCase("{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,8]}}", "not a begin and an end")]
    [TestCase("{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", "not a begin and an end")]
    [TestCase("{\"w\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", "needs 12 bytes, its data_offsets hold 8")]
    [TestCase("{\"w\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}}", "needs 12 bytes and the file ends after 8")]
    [TestCase("{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "4 bytes follow tensor 'w'")]
    [TestCase(
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "hole of 4 bytes between the header and tensor 'w'")]
    [TestCase("{" + W + ",\"v\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "tensor 'v' overlaps tensor 'w' by 4 bytes")]
    [TestCase("{}", "8 bytes follow the header")]
    public void A_damaged_header_is_refused_with_its_file_and_offset(string header, string expected, bool latin = false)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.safetensors", Build((latin ? Encoding.Latin1 : Encoding.UTF8).GetBytes(header), 8));
        CheckpointException error = Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(path).Dispose())!;
        Assert.That(error.Message, Does.Contain(expected).And.StartWith($"{path}, byte {error.Offset}: ").And.Contain("Hint: "));
        Assert.That(error.File, Is.EqualTo(path));
        Assert.That(error.Offset, Is.GreaterThanOrEqualTo(8).And.LessThanOrEqualTo(8 + header.Length + 8));
    }

    [Test]
    public void An_error_in_the_header_names_the_byte_where_it_stands()
    {
        const string header = "{" + W + ",\"bad\":{\"dtype\":\"F31\",\"shape\":[],\"data_offsets\":[8,8]}}";
        using var folder = new TemporaryFolder();
        string path = folder.Write("a", Build(Encoding.UTF8.GetBytes(header), 8));
        CheckpointException error = Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(path).Dispose())!;
        Assert.That(error.Offset, Is.EqualTo(8 + header.IndexOf("\"bad\"", StringComparison.Ordinal)));
    }

    [TestCase(0)]
    [TestCase(7)]
    public void A_file_shorter_than_its_prefix_is_refused(int length)
    {
        using var folder = new TemporaryFolder();
        CheckpointException error =
            Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(folder.Write("a", new byte[length])).Dispose())!;
        Assert.That((error.Offset, error.Expected, error.Found), Is.EqualTo((0L, 8L, (long)length)));
    }

    [TestCase(3ul)]
    [TestCase(100_000_001ul)]
    [TestCase(ulong.MaxValue)]
    public void A_header_length_past_the_end_is_refused(ulong announced)
    {
        byte[] bytes = new byte[10];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, announced);
        using var folder = new TemporaryFolder();
        Assert.That(
            () => SafetensorsFile.Open(folder.Write("a", bytes)).Dispose(),
            Throws.TypeOf<CheckpointException>().With.Message.Contains($"a header of {announced} bytes; at most 2"));
    }

    [Test]
    public void A_missing_file_is_a_typed_error()
    {
        using var folder = new TemporaryFolder();
        Assert.That(
            () => SafetensorsFile.Open(folder["none"]), Throws.TypeOf<CheckpointException>().With.Message.Contains("none"));
        Assert.That(
            () => SafetensorsFile.Open(folder.Root), Throws.TypeOf<CheckpointException>().With.Message.Contains(folder.Root));
    }

    [Test]
    public void Entries_of_other_libraries_may_come_in_any_order_and_carry_unknown_keys()
    {
        const string header =
            "{\"b\":{\"shape\":[1],\"data_offsets\":[4,8],\"dtype\":\"F32\",\"x\":{\"y\":[1]}}," +
            "\"z\":{\"dtype\":\"F32\",\"shape\":[0]," +
            "\"data_offsets\":[4,4]},\"a\":{\"data_offsets\":[0,4],\"dtype\":\"I32\",\"shape\":[]}} \n";
        using var folder = new TemporaryFolder();
        using SafetensorsFile file = SafetensorsFile.Open(folder.Write("a", Build(Encoding.UTF8.GetBytes(header), 8)));
        Assert.That(file.Names, Is.EqualTo(new[] { "a", "z", "b" }));
        Assert.That(file.Bytes("b").ToArray(), Is.EqualTo(new byte[] { 5, 6, 7, 8 }));
    }

    internal static byte[] Build(byte[] header, int data)
    {
        byte[] prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        return [.. prefix, .. header, .. Enumerable.Range(1, data).Select(i => (byte)i)];
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "there are no such pipes")]
    public void What_is_no_regular_file_is_refused_by_its_kind_and_without_waiting_for_anybody()
    {
        using TemporaryFolder folder = new();
        NamedPipe.Make(folder["pipe"]);
        foreach ((string path, string says) in new[]
        {
            (folder["pipe"], "it is a pipe"), (folder.Root, "it is a folder"), ("/dev/null", "it is a device"),
            ("", "the path is empty"), ("a\0b", "NUL"),
        })
            Assert.That(() => SafetensorsFile.Open(path), Throws.TypeOf<CheckpointException>().With.Message.Contains(says)
                .And.Message.Contains("Hint:"));
    }
}
