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
                .With.Message.Contains("/dev/full"), "the device that is always full has got them");
    }

    [Test]
    public void A_folder_that_is_not_there_is_an_error_of_the_file_system()
    {
        using TemporaryFolder folder = new();
        Assert.That(() => AtomicFile.Replace(folder["no/a"], "one"), Throws.InstanceOf<IOException>());
    }
}
