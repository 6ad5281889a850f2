using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

public sealed class SafetensorsWriterTests
{
    private static readonly byte[] Old = [.. "the old file"u8];

    [Test]
    public void A_writer_that_throws_midway_leaves_the_old_file_and_no_temporary_one()
        => AssertUntouched<InvalidTimeZoneException>(stream =>
        {
            stream.Write(new byte[5]);
            throw new InvalidTimeZoneException();
        });

    [Test]
    public void A_writer_that_stops_short_leaves_the_old_file()
    {
        CheckpointException error = AssertUntouched<CheckpointException>(stream => stream.Write(new byte[7]));
        Assert.That((error.Expected, error.Found), Is.EqualTo((8L, 7L)));
        Assert.That(error.Message, Does.Contain("'w'").And.Contain("8").And.Contain("7"));
    }

    [Test]
    public void A_writer_that_goes_on_too_long_leaves_the_old_file()
    {
        CheckpointException error = AssertUntouched<CheckpointException>(stream =>
        {
            stream.Write(new byte[8]);
            stream.WriteByte(1);
        });
        Assert.That((error.Expected, error.Found), Is.EqualTo((8L, 9L)));
    }

    [Test]
    public void A_file_system_error_while_writing_is_typed_and_leaves_the_old_file()
    {
        CheckpointException error = AssertUntouched<CheckpointException>(_ => throw new IOException("No space left on device"));
        Assert.That(error.Message, Does.Contain("No space left on device").And.Contain("Hint: "));
        Assert.That(error.InnerException, Is.TypeOf<IOException>());
    }

    [Test]
    public void Cancelling_leaves_the_old_file()
    {
        using var source = new CancellationTokenSource();
        AssertUntouched<OperationCanceledException>(
            stream =>
            {
                source.Cancel();
                stream.Write(new byte[8]);
            },
            source.Token);
    }

    [Test]
    public void Saving_replaces_the_old_file_and_leaves_no_temporary_one()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a", Old);
        var writer = new SafetensorsWriter();
        writer.Add("w", "U8", [1], new byte[] { 5 });
        writer.Save(path);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.That(file.Bytes("w").ToArray(), Is.EqualTo(new byte[] { 5 }));
        Assert.That(Directory.GetFileSystemEntries(folder.Root), Has.Length.EqualTo(1));
    }

    [Test]
    public void A_file_that_is_open_keeps_its_bytes_when_it_is_replaced()
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("Windows does not rename over a mapped file.");
        using var folder = new TemporaryFolder();
        foreach (byte value in new byte[] { 1, 2 })
        {
            SafetensorsFile? before = value == 2 ? SafetensorsFile.Open(folder["a"]) : null;
            var writer = new SafetensorsWriter();
            writer.Add("w", "U8", [1], new[] { value });
            writer.Save(folder["a"]);
            Assert.That(before is null || before.Bytes("w")[0] == 1);
            before?.Dispose();
        }
    }

    [Test]
    public void A_missing_folder_is_a_typed_error()
    {
        using var folder = new TemporaryFolder();
        string path = folder[Path.Combine("missing", "a")];
        Assert.That(
            () => new SafetensorsWriter().Save(path),
            Throws.TypeOf<CheckpointException>().With.Message.Contains(path).And.Property(nameof(CheckpointException.File))
                .EqualTo(path));
    }

    [TestCase("w", "F32", new long[] { 1 }, "taken")]
    [TestCase("__metadata__", "F32", new long[] { 1 }, "taken")]
    [TestCase("v", "F31", new long[] { 1 }, "F31")]
    [TestCase("v", "F32", new long[] { 2, -1 }, "[2,-1]")]
    [TestCase("v", "F32", new[] { long.MaxValue, 2 }, "too large")]
    public void A_tensor_that_cannot_be_stored_is_refused_when_added(string name, string dtype, long[] shape, string expected)
    {
        var writer = new SafetensorsWriter();
        writer.Add("w", "F32", [1], new byte[4]);
        Assert.That(() => writer.Add(name, dtype, shape, new byte[4]),
            Throws.TypeOf<CheckpointException>().With.Message.Contains(expected));
    }

    [Test]
    public void A_name_or_metadata_that_is_not_unicode_is_refused()
    {
        var writer = new SafetensorsWriter();
        string half = new('\ud800', 1);
        Assert.That(() => writer.Add(half, "U8", [1], new byte[1]),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("surrogate"));
        writer.Metadata["k"] = half;
        using var folder = new TemporaryFolder();
        Assert.That(() => writer.Save(folder["a"]), Throws.TypeOf<CheckpointException>().With.Message.Contains("surrogate"));
        Assert.That(Directory.GetFileSystemEntries(folder.Root), Is.Empty);
    }

    private static T AssertUntouched<T>(Action<Stream> write, CancellationToken cancellation = default)
        where T : Exception
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.safetensors", Old);
        var writer = new SafetensorsWriter();
        writer.Add("first", "F32", [2], new byte[8]);
        writer.Add("w", "F32", [2], write);
        T error = Assert.Throws<T>(() => writer.Save(path, cancellation))!;
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(Old));
        Assert.That(Directory.GetFileSystemEntries(folder.Root), Is.EqualTo(new[] { path }));
        return error;
    }
}
