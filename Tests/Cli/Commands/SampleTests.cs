using System.Text.Json;
using AutogradCore.Cli;
using AutogradCore.Nn;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

[Parallelizable]
public sealed class SampleTests
{
    private TemporaryFolder _folder = null!;

    [OneTimeSetUp]
    public void Train()
    {
        _folder = new TemporaryFolder();
        CommandLine.Train(_folder, "run", "--steps", "2");
    }

    [OneTimeTearDown]
    public void Remove() => _folder.Dispose();

    [Test]
    public void One_seed_gives_one_text_and_another_seed_another()
    {
        string first = Sample("--seed", "1");
        Assert.That(Sample("--seed", "1"), Is.EqualTo(first));
        Assert.That(Sample("--seed", "2"), Is.Not.EqualTo(first));
        Assert.That(first, Does.StartWith("To be"));
    }

    [Test]
    public void Without_temperature_the_seed_does_not_matter() =>
        Assert.That(Sample("--temperature", "0", "--seed", "1"), Is.EqualTo(Sample("--temperature", "0", "--seed", "2")));

    [Test]
    public void Json_is_one_object_and_backends_agree_on_the_likeliest_bytes()
    {
        CommandLine host = Call("--json", "--temperature", "0"),
            reference = Call("--json", "--temperature", "0", "--backend", "reference");
        Assert.That(host.Json.GetProperty("text").GetString(), Is.EqualTo(reference.Json.GetProperty("text").GetString()));
        Assert.That(host.Json.GetProperty("prompt").GetString(), Is.EqualTo("To be"));
    }

    [Test]
    public void A_model_is_sampled_in_the_precision_that_it_was_trained_in_unless_another_is_asked_for()
    {
        CommandLine.Train(_folder, "rounded", "--steps", "1", "--precision", "bf16");
        foreach ((string run, string trained) in new[] { ("run", "float32"), ("rounded", "bf16") })
        {
            string[] sample = ["sample", "--checkpoint", _folder[run], "--tokens", "8", "--json"];
            JsonElement standard = CommandLine.Run(sample).Json;
            Assert.That(standard.GetProperty("precision").GetString(), Is.EqualTo(trained));
            foreach (string precision in Precision.Names)
            {
                JsonElement json = CommandLine.Run([.. sample, "--precision", precision]).Json;
                Assert.That(json.GetProperty("precision").GetString(), Is.EqualTo(precision));
                if (precision == trained)
                    Assert.That(json.GetProperty("text").GetString(), Is.EqualTo(standard.GetProperty("text").GetString()));
            }
        }
    }

    [TestCase("--temperature", "-1")]
    [TestCase("--top-k", "-1")]
    [TestCase("--tokens", "-1")]
    [TestCase("--backend", "gpu")]
    [TestCase("--precision", "fp8")]
    public void Bad_options_are_refused(string option, string value)
        => Assert.That(Call(option, value).Code, Is.EqualTo(ExitCode.Usage));

    [Test]
    public void The_folder_that_train_wrote_to_is_as_good_as_the_file_in_it() =>
        Assert.That(CommandLine.Run("sample", "--checkpoint", _folder["run"], "--tokens", "1").Code, Is.EqualTo(ExitCode.Ok));

    [Test]
    public void A_file_that_is_no_checkpoint_is_refused()
    {
        CommandLine call = CommandLine.Run("sample", "--checkpoint", _folder["text.txt"]);
        Assert.That(call.Code, Is.EqualTo(ExitCode.Data));
        Assert.That(call.Error, Does.Contain("text.txt"));
    }

    private string Sample(params string[] args) => Call(args).Out;

    private CommandLine Call(params string[] args)
    {
        List<string> all = ["sample", "--checkpoint", _folder["run/checkpoint.safetensors"], "--prompt", "To be"];
        if (!args.Contains("--tokens")) all.AddRange(["--tokens", "20"]);
        return CommandLine.Run([.. all, .. args]);
    }
}
