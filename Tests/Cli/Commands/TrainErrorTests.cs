using AutogradCore.Cli;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

/// <summary>Bad input gets its exit code and its reason, and leaves no file.</summary>
[Parallelizable]
public sealed class TrainErrorTests
{
    [TestCase("--microbatches", "3", "does not divide --batch 4")]
    [TestCase("--stages", "7", "more than the 6 layers")]
    [TestCase("--stages", "0", "--stages is 0")]
    [TestCase("--model", "gpt-huge", "gpt-nano")]
    [TestCase("--precision", "fp8", "float32, bf16")]
    [TestCase("--schedule", "2f2b", "1f1b")]
    [TestCase("--schedule", "missing.csv", "cannot be read", ExitCode.Data)]
    [TestCase("--chunks", "2", "2 stages per rank")]
    [TestCase("--two-stage", "maybe", "off, end, fill")]
    [TestCase("--backend", "gpu", "reference")]
    [TestCase("--lr", "NaN", "finite")]
    [TestCase("--clip", "-1", "--clip is -1")]
    [TestCase("--steps", "0", "--steps is 0")]
    [TestCase("--threads", "0", "--threads is 0")]
    [TestCase("--threads", "100000", "the most is")]
    [TestCase("--batch", "2147483646", "tokens in a step; at most 2,147,483,591 fit")]
    [TestCase("--seq", "2147483647", "tokens in a step")]
    [TestCase("--seq", "500000000", "a tensor of")]
    [TestCase("--checkpoint-every", "0", "1 or more")]
    [TestCase("--seq", "100", "longer than the data", ExitCode.Data)]
    [TestCase("--data", "/no/such/file", "/no/such/file", ExitCode.Data)]
    [TestCase("--resume", null, "cannot be opened", ExitCode.Data)]
    public void Bad_options(string option, string? value, string says, object? code = null)
    {
        using TemporaryFolder folder = new();
        string[] args = option == "--data" ? ["train", "--data", value!, "--out", folder["run"]] : [];
        CommandLine call = args.Length > 0
            ? CommandLine.Run(args)
            : CommandLine.Train(folder, "run", value is null ? [option] : [option, value]);
        Assert.That(call.Code, Is.EqualTo(code ?? ExitCode.Usage), call.Error);
        Assert.That(call.Error, Does.Contain(says).And.Contain("Hint:"));
        Assert.That(call.Out, Is.Empty);
        Assert.That(Directory.Exists(folder["run"]), Is.False);
    }

    [TestCase("2147483646", "1", "1", "tokens in a step", ExitCode.Usage)]
    [TestCase("2147483646", "5", "1", "choose one of 1, 2, 3, 6, 7, 9", ExitCode.Usage)]
    [TestCase("2000000000", "2000000000", "1", "need at least", ExitCode.Memory)]
    public void Sizes_that_cannot_fit_are_refused_before_any_work(
        string batch, string microbatches, string seq, string says, object code)
    {
        using TemporaryFolder folder = new();
        CommandLine call = CommandLine.Train(folder, "run", "--batch", batch, "--microbatches", microbatches, "--seq", seq);
        Assert.That(call.Code, Is.EqualTo(code), call.Error);
        Assert.That(call.Error, Does.Contain(says).And.Contain("Hint:"));
        Assert.That(Directory.Exists(folder["run"]), Is.False);
    }

    [TestCase("loss.csv")]
    [TestCase("summary.json")]
    public void A_file_of_the_run_that_is_cut_off_is_written_anew_and_named(string file)
    {
        using TemporaryFolder folder = new();
        CommandLine.Train(folder, "run", "--steps", "1");
        File.WriteAllText(folder[$"run/{file}"], "{");
        CommandLine call = CommandLine.Train(folder, "run", "--steps", "1", "--resume");
        Assert.That(call.Code, Is.EqualTo(ExitCode.Ok), call.Error);
        Assert.That(call.Error, Does.Contain($"written anew: {file}"));
    }

    [TestCase("", "no text")]
    [TestCase("\0\u0001", "not UTF-8 text")]
    public void Data_that_is_empty_or_binary(string content, string says)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["bad"], content);
        CommandLine call = CommandLine.Run("train", "--data", folder["bad"], "--out", folder["run"]);
        Assert.That(call.Code, Is.EqualTo(ExitCode.Data));
        Assert.That(call.Error, Does.Contain(says));
        Assert.That(Directory.Exists(folder["run"]), Is.False);
    }

    [TestCase("--seed", "2")]
    [TestCase("--lr", "0.5")]
    [TestCase("--steps", "9")]
    [TestCase("--precision", "bf16")]
    [TestCase("--microbatches", "4")]
    public void Resuming_with_another_option_is_refused_by_name_and_changes_nothing(string option, string value)
    {
        using TemporaryFolder folder = new();
        CommandLine.Train(folder, "run", "--stop-at", "1");
        Dictionary<string, byte[]> before = Directory.GetFiles(folder["run"]).ToDictionary(f => f, File.ReadAllBytes);
        CommandLine call = CommandLine.Train(folder, "run", "--resume", option, value);
        Assert.That(call.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(call.Error, Does.Contain($"{option} is now {value}"));
        foreach ((string file, byte[] bytes) in before) Assert.That(File.ReadAllBytes(file), Is.EqualTo(bytes), file);
    }

    [Test]
    public void Resuming_on_other_data_is_refused()
    {
        using TemporaryFolder folder = new();
        CommandLine.Train(folder, "run", "--stop-at", "1");
        File.AppendAllText(folder["text.txt"], "more");
        Assert.That(CommandLine.Train(folder, "run", "--resume").Error, Does.Contain("other data"));
    }

    [Test]
    public void A_folder_with_a_checkpoint_is_not_overwritten_unasked()
    {
        using TemporaryFolder folder = new();
        CommandLine.Train(folder, "run", "--steps", "1");
        CommandLine again = CommandLine.Train(folder, "run", "--steps", "1");
        Assert.That(again.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(again.Error, Does.Contain("--overwrite"));
        Assert.That(CommandLine.Train(folder, "run", "--steps", "1", "--overwrite").Code, Is.EqualTo(ExitCode.Ok));
    }

    [Test]
    public void Results_are_not_written_among_the_data()
    {
        using TemporaryFolder folder = new();
        folder.Write("data/a.txt", new byte[1]);
        CommandLine call = CommandLine.Run("train", "--data", folder["data"], "--out", folder["data/run"]);
        Assert.That(call.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(call.Error, Does.Contain("inside the data"));
    }

    [Test]
    public void A_damaged_checkpoint_is_refused()
    {
        using TemporaryFolder folder = new();
        CommandLine.Train(folder, "run", "--stop-at", "1");
        byte[] bytes = File.ReadAllBytes(folder["run/checkpoint.safetensors"]);
        bytes[^5] ^= 4;
        File.WriteAllBytes(folder["run/checkpoint.safetensors"], bytes);
        CommandLine call = CommandLine.Train(folder, "run", "--resume");
        Assert.That(call.Code, Is.EqualTo(ExitCode.Data));
        Assert.That(call.Error, Does.Contain("corrupt"));
    }

    [Test]
    public void A_mistyped_option_behind_data_is_no_path()
    {
        CommandLine call = CommandLine.Run("train", "--data", ".", "--step", "3");
        Assert.That(call.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(call.Error, Does.Contain("--step is no option here"));
    }
}
