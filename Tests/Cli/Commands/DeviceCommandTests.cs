using System.Text.Json;
using AutogradCore.Cli;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

/// <summary>What the tool does on devices, on the emulator where there is no other.</summary>
[Parallelizable]
public sealed class DeviceCommandTests
{
    private static readonly string Simulator = "simt";

    [TestCase("--backend", "ilgpu", "--device")]
    [TestCase("--backend", "simt", null)]
    public void Gradients_are_checked_on_a_device(string option, string backend, string? device)
    {
        string[] on = device is null ? [option, Simulator == "simt" ? backend : "ilgpu"] : [option, backend, device, Simulator];
        JsonElement[] lines = [.. CommandLine.Run(["gradcheck", "--op", "LayerNorm", "--json", .. on]).JsonLines];
        Assert.That(lines, Is.Not.Empty);
        Assert.That(lines.Select(l => l.GetProperty("verdict").GetString()), Is.All.EqualTo("right"));
    }

    [Test]
    public void A_device_trains_to_the_losses_of_the_host()
    {
        using TemporaryFolder folder = new();
        string[] tiny = ["--batch", "2", "--seq", "2", "--steps", "1", "--stages", "2", "--microbatches", "1"];
        JsonElement host = CommandLine.Train(folder, "host", tiny).Json;
        JsonElement device = CommandLine.Train(folder, "device", [.. tiny, "--backend", "ilgpu", "--device", Simulator]).Json;
        foreach (string loss in new[] { "lossFirst", "lossLast", "heldOutLossLast" })
            Assert.That(device.GetProperty(loss).GetDouble(), Is.EqualTo(host.GetProperty(loss).GetDouble()).Within(1e-4), loss);
    }

    [Test]
    public void A_device_that_is_not_there_is_an_error_that_names_those_that_are()
    {
        CommandLine call = CommandLine.Run("gradcheck", "--backend", "ilgpu", "--device", "cuda:77");
        Assert.That(call.Code, Is.Not.EqualTo(ExitCode.Ok));
        Assert.That(call.Error, Does.Contain("cuda:77").And.Contain(Simulator));
    }

    [Test]
    public void The_device_of_a_backend_that_has_none_is_refused()
    {
        CommandLine call = CommandLine.Run("gradcheck", "--backend", "host", "--device", Simulator);
        Assert.That(call.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(call.Error, Does.Contain("--device"));
    }
}
