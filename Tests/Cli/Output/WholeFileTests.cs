using AutogradCore.Cli;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

public sealed class WholeFileTests
{
    [Test]
    public void A_file_is_replaced_and_nothing_is_left_beside_it()
    {
        using TemporaryFolder folder = new();
        WholeFile.Write(folder["a"], "one");
        WholeFile.Write(folder["a"], "two");
        Assert.That(File.ReadAllText(folder["a"]), Is.EqualTo("two"));
        Assert.That(Directory.GetFiles(folder.Root), Has.Length.EqualTo(1));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "links need rights there")]
    public void A_link_stays_a_link_and_its_file_gets_the_text()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["a"], "one");
        File.CreateSymbolicLink(folder["link"], folder["a"]);
        WholeFile.Write(folder["link"], "two");
        Assert.That(new FileInfo(folder["link"]).LinkTarget, Is.Not.Null);
        Assert.That(File.ReadAllText(folder["a"]), Is.EqualTo("two"));
    }

    [Test]
    public void A_folder_that_is_not_there_is_named()
    {
        using TemporaryFolder folder = new();
        Assert.That(() => WholeFile.Write(folder["no/a"], "one"), Throws.TypeOf<OutputException>().With.Message.Contains("no/a"));
    }
}
