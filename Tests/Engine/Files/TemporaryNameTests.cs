using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

/// <summary>What killed writers left goes with the next write of the same file, and nothing else does.</summary>
public sealed class TemporaryNameTests
{
    private const int Ended = int.MaxValue; // no system gives a process this number

    [Test]
    public void What_a_killed_process_left_of_the_same_file_is_removed()
    {
        using TemporaryFolder folder = new();
        folder.Write(Left("a", Ended), new byte[100]);
        folder.Write(Left("a", Ended, "0123456789ab"), new byte[100]);
        AtomicFile.Replace(folder["a"], "new");
        Assert.That(Directory.GetFiles(folder.Root), Is.EqualTo(new[] { folder["a"] }));
    }

    [Test]
    public void Files_of_a_living_process_and_of_other_names_stay()
    {
        using TemporaryFolder folder = new();
        string[] kept =
        [
            Left("a", Environment.ProcessId), Left("b", Ended), Left("a.b", Ended), ".a.notes.tmp", ".a.1.tmp",
            $".a.{Ended}.0123456789AB.tmp", $".a.{Ended}.0123456789ab.txt", $"a.{Ended}.0123456789ab.tmp",
        ];
        foreach (string name in kept) folder.Write(name, [1]);
        AtomicFile.Replace(folder["a"], "new");
        Assert.That(Directory.GetFiles(folder.Root).Select(Path.GetFileName), Is.EquivalentTo(kept.Append("a")));
    }

    [Test]
    public void A_file_that_a_writer_holds_open_stays_even_if_its_process_is_on_another_machine()
    {
        using TemporaryFolder folder = new();
        string held = folder[Left("a", Ended)];
        using (new FileStream(held, FileMode.CreateNew, FileAccess.Write, FileShare.None))
        {
            AtomicFile.Replace(folder["a"], "new");
            Assert.That(File.Exists(held), Is.True);
        }
        AtomicFile.Replace(folder["a"], "newer");
        Assert.That(File.Exists(held), Is.False);
    }

    [Test]
    public void A_name_is_recognised_by_the_rule_that_makes_it()
    {
        using TemporaryFolder folder = new();
        string own = TemporaryName.For("a");
        string left = own.Replace($".{Environment.ProcessId}.", $".{Ended}.", StringComparison.Ordinal);
        Assert.That(left, Is.Not.EqualTo(own));
        folder.Write(left, [1]);
        TemporaryName.RemoveLeftOver(folder.Root, "a");
        Assert.That(Directory.GetFiles(folder.Root), Is.Empty);
    }

    private static string Left(string destination, int process, string digits = "fedcba987654") =>
        $".{destination}.{process}.{digits}.tmp";
}
