using Microsoft.Win32.SafeHandles;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

public sealed class AtomicFileTests
{
    [Test]
    public void A_file_is_replaced_and_nothing_is_left_beside_it()
    {
        using TemporaryFolder folder = new();
        AtomicFile.Replace(folder["a"], "one");
        AtomicFile.Replace(folder["a"], "two µ");
        Assert.That(File.ReadAllBytes(folder["a"]), Is.EqualTo("two µ"u8.ToArray()));
        Assert.That(Directory.GetFiles(folder.Root), Has.Length.EqualTo(1));
    }

    [Test]
    public void What_the_writer_throws_passes_and_the_file_stays()
    {
        using TemporaryFolder folder = new();
        AtomicFile.Replace(folder["a"], "one");
        Assert.That(() => AtomicFile.Replace(folder["a"], stream =>
        {
            stream.WriteByte(1);
            throw new InvalidOperationException("broken on purpose");
        }, length: 4096), Throws.InvalidOperationException);
        Assert.That(File.ReadAllText(folder["a"]), Is.EqualTo("one"));
        Assert.That(Directory.GetFiles(folder.Root), Has.Length.EqualTo(1));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "links need rights there")]
    public void A_link_stays_a_link_and_its_file_is_replaced_even_when_it_is_not_there_yet()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder["there"]);
        File.CreateSymbolicLink(folder["first"], folder["second"]);
        File.CreateSymbolicLink(folder["second"], Path.Combine("there", "file"));
        foreach (string text in new[] { "one", "two" })
        {
            AtomicFile.Replace(folder["first"], text);
            Assert.That(new FileInfo(folder["first"]).LinkTarget, Is.Not.Null);
            Assert.That(new FileInfo(folder["second"]).LinkTarget, Is.Not.Null);
            Assert.That(File.ReadAllText(folder["there/file"]), Is.EqualTo(text));
        }
        Assert.That(Directory.GetFiles(folder["there"]), Has.Length.EqualTo(1));
    }

    [Test]
    [Platform("Linux", Reason = "this device is there")]
    public void A_device_gets_the_bytes()
    {
        using TemporaryFolder folder = new();
        File.CreateSymbolicLink(folder["link"], "/dev/full");
        foreach (string path in new[] { "/dev/full", folder["link"] })
            Assert.That(() => AtomicFile.Replace(path, "one"), Throws.InstanceOf<IOException>()
                .With.Message.Contains("space"), "the device that is always full has got them");
    }

    [Test]
    [Platform("Linux", Reason = "this folder of shared memory is there")]
    public void A_regular_file_below_dev_is_replaced_like_any_other()
    {
        string folder = $"/dev/shm/autogradcore-{Path.GetRandomFileName()}";
        Directory.CreateDirectory(folder);
        try
        {
            AtomicFile.Replace($"{folder}/a", "a longer text");
            AtomicFile.Replace($"{folder}/a", "short");
            Assert.That(File.ReadAllText($"{folder}/a"), Is.EqualTo("short"));
            Assert.That(() => AtomicFile.Replace($"{folder}/a", _ => throw new InvalidOperationException()),
                Throws.InvalidOperationException);
            Assert.That(File.ReadAllText($"{folder}/a"), Is.EqualTo("short"));
            Assert.That(Directory.GetFiles(folder), Has.Length.EqualTo(1));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "there are no such pipes")]
    public void A_pipe_gets_the_bytes_also_those_of_a_checkpoint()
    {
        using TemporaryFolder folder = new();
        NamedPipe.Make(folder["pipe"]);
        Task<byte[]> reader = Task.Run(() => File.ReadAllBytes(folder["pipe"]));
        SafetensorsWriter writer = new();
        writer.Add("w", "F32", [2], new byte[8]);
        writer.Save(folder["pipe"]);
        writer.Save(folder["file"]);
        Assert.That(reader.Wait(TimeSpan.FromSeconds(60)), Is.True);
        Assert.That(reader.Result, Is.EqualTo(File.ReadAllBytes(folder["file"])));
    }

    [Test]
    public void A_folder_and_a_path_that_is_none_are_errors_of_the_file_system()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder["there"]);
        Assert.That(() => AtomicFile.Replace(folder["there"], "one"),
            Throws.InstanceOf<IOException>().With.Message.Contains("folder"));
        foreach (string path in new[] { "", " ", "a\0b" })
            Assert.That(() => AtomicFile.Replace(path, "one"), Throws.InstanceOf<IOException>());
        Assert.That(Directory.GetFileSystemEntries(folder["there"]), Is.Empty);
    }

    [Test]
    public void A_flush_that_fails_leaves_the_previous_file_and_no_other()
    {
        using TemporaryFolder folder = new();
        AtomicFile.Replace(folder["a"], "one");
        Assert.That(() => AtomicFile.Replace(folder["a"], stream => stream.WriteByte(1), 0, new FailingFlush(ofFolder: false)),
            Throws.InstanceOf<IOException>().With.Message.EqualTo("broken on purpose"));
        Assert.That(File.ReadAllText(folder["a"]), Is.EqualTo("one"));
        Assert.That(Directory.GetFiles(folder.Root), Has.Length.EqualTo(1));
    }

    [Test]
    public void A_folder_that_cannot_be_flushed_is_told_though_the_file_is_new()
    {
        using TemporaryFolder folder = new();
        AtomicFile.Replace(folder["a"], "one");
        FailingFlush flush = new(ofFolder: true);
        Assert.That(() => AtomicFile.Replace(folder["a"], stream => stream.Write("2"u8), 0, flush),
            Throws.TypeOf<NotDurableException>().With.Message.Contains("broken on purpose").And.Message.Contains(folder["a"]));
        Assert.That(File.ReadAllText(folder["a"]), Is.EqualTo("2"));
    }

    [Test]
    public void The_file_is_flushed_before_it_is_renamed_and_the_folder_afterwards()
    {
        using TemporaryFolder folder = new();
        AtomicFile.Replace(folder["a"], "one");
        FailingFlush flush = new(ofFolder: null) { Seen = _ => File.ReadAllText(folder["a"]) };
        AtomicFile.Replace(folder["a"], stream => stream.Write("two"u8), 0, flush);
        Assert.That(flush.Log, Is.EqualTo(new[] { "file one", "folder two" }));
    }

    [Test]
    public void A_folder_that_is_not_there_is_an_error_of_the_file_system()
    {
        using TemporaryFolder folder = new();
        Assert.That(() => AtomicFile.Replace(folder["no/a"], "one"), Throws.InstanceOf<IOException>());
    }

    /// <summary>A flush that fails at one of its two places, and notes what the file held then.</summary>
    private sealed class FailingFlush(bool? ofFolder) : DeviceFlush
    {
        public List<string> Log { get; } = [];

        public Func<string, string> Seen { get; init; } = _ => "";

        public override void File(SafeFileHandle file, string path) => Note("file", path, ofFolder == false);

        public override void Folder(string path) => Note("folder", path, ofFolder == true);

        private void Note(string what, string path, bool fails)
        {
            Log.Add($"{what} {Seen(path)}");
            if (fails) throw new IOException("broken on purpose");
        }
    }
}
