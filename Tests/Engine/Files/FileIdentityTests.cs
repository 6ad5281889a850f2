using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

[Platform(Exclude = "Win", Reason = "links need rights there, and there are no FIFOs")]
public sealed class FileIdentityTests
{
    [Test]
    public void A_file_is_what_the_system_says_wherever_it_stands_and_links_are_followed()
    {
        using TemporaryFolder folder = new();
        folder.Write("file", [1]);
        NamedPipe.Make(folder["pipe"]);
        foreach ((string path, string kind) in new[]
        {
            (folder["file"], "a file"), (folder["pipe"], "a pipe"), (folder.Root, "a folder"), ("/dev/null", "a device"),
            (folder["none"], "nothing"),
        })
        {
            string link = folder[$"link to {kind}"];
            File.CreateSymbolicLink(link, path);
            Assert.That(FileIdentity.Of(path).Noun, Is.EqualTo(kind));
            Assert.That(FileIdentity.Of(link), Is.EqualTo(FileIdentity.Of(path)));
        }
    }

    [Test]
    public void An_open_file_is_the_same_as_its_path_and_no_other()
    {
        using TemporaryFolder folder = new();
        folder.Write("other", [1]);
        using FileStream file = File.Create(folder["file"]);
        FileIdentity open = FileIdentity.Of((int)file.SafeFileHandle.DangerousGetHandle());
        Assert.That(open.IsSameFile(FileIdentity.Of(folder["file"])), Is.True);
        Assert.That(open.IsSameFile(FileIdentity.Of(folder["other"])), Is.False);
        Assert.That(FileIdentity.Of(folder["none"]).IsSameFile(FileIdentity.Of(folder["none"])), Is.False);
    }
}
