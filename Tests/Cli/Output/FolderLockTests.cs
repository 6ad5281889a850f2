using AutogradCore.Cli;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

public sealed class FolderLockTests
{
    [TestCase("train")]
    [TestCase("train", "--overwrite")]
    [TestCase("train", "--resume")]
    [TestCase("demo")]
    public void A_second_run_into_a_folder_is_refused_with_the_name_of_the_first_and_changes_nothing(params string[] words)
    {
        using TemporaryFolder folder = new();
        folder.Write("text.txt", new byte[1000]);
        folder.Write("run/checkpoint.safetensors", [1, 2]);
        using FolderLock first = FolderLock.Take(folder["run"]);
        CommandLine call = CommandLine.Run([.. words, "--out", folder["run"], "--data", folder["text.txt"]]);
        Assert.That(call.Code, Is.EqualTo(ExitCode.Usage), call.Error);
        Assert.That(call.Error,
            Does.Contain($"process {Environment.ProcessId} on {Environment.MachineName}").And.Contain("Hint:"));
        Assert.That(Directory.GetFiles(folder["run"]).Select(Path.GetFileName),
            Is.EquivalentTo(new[] { "checkpoint.safetensors", FolderLock.Name }));
        Assert.That(File.ReadAllBytes(folder["run/checkpoint.safetensors"]), Is.EqualTo(new byte[] { 1, 2 }));
    }

    [Test]
    public void A_lock_file_that_a_killed_run_left_is_taken_over_and_goes_with_the_next_run()
    {
        using TemporaryFolder folder = new();
        folder.Write($"run/{FolderLock.Name}", "process 1 on another machine"u8);
        CommandLine call = CommandLine.Train(folder, "run", "--steps", "1");
        Assert.That(call.Code, Is.EqualTo(ExitCode.Ok), call.Error);
        Assert.That(File.Exists(folder[$"run/{FolderLock.Name}"]), Is.False);
    }

    [Test]
    public void Folders_that_were_made_for_nothing_go_again_and_others_stay()
    {
        using TemporaryFolder folder = new();
        FolderLock.Take(folder["a/b"]).Dispose();
        Assert.That(Directory.Exists(folder["a"]), Is.False);
        using (FolderLock.Take(folder["a/b"])) folder.Write("a/file", [1]);
        Assert.That(Directory.Exists(folder["a/b"]), Is.False);
        Assert.That(File.Exists(folder["a/file"]), Is.True);
        FolderLock.Take(folder["a"]).Dispose();
        Assert.That(Directory.GetFileSystemEntries(folder["a"]), Has.Length.EqualTo(1));
    }

    [Test]
    public void Of_many_that_want_a_folder_at_once_one_at_a_time_has_it()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder["run"]);
        int inside = 0, most = 0, had = 0;
        Parallel.For(0, 8, _ =>
        {
            for (int i = 0; i < 40; i++)
                try
                {
                    using FolderLock held = FolderLock.Take(folder["run"]);
                    int now = Interlocked.Increment(ref inside);
                    lock (folder) most = Math.Max(most, now);
                    Interlocked.Increment(ref had);
                    Thread.Yield();
                    Interlocked.Decrement(ref inside);
                }
                catch (UsageException)
                {
                    Thread.Yield(); // another has it
                }
        });
        Assert.That((most, had), Is.EqualTo((1, had)).And.Matches<(int, int Had)>(t => t.Had >= 8));
        Assert.That(Directory.GetFiles(folder["run"]), Is.Empty);
    }

    [Test]
    public void A_folder_that_cannot_be_locked_is_named()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder[$"run/{FolderLock.Name}"]);
        Assert.That(() => FolderLock.Take(folder["run"]), Throws.TypeOf<OutputException>().With.Message.Contains(folder["run"]));
    }
}
