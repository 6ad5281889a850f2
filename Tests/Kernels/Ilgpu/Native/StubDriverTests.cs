using System.ComponentModel;
using System.Diagnostics;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Ilgpu.Native;

/// <summary>Training through the real ILGPU over a driver of C functions, in a process of its own: every call in the right
/// context, on the right stream, in the right order. Kernels do nothing there, so numbers say nothing.</summary>
[Platform("Linux", Reason = "the driver's library is found by the search path of Linux")]
[Parallelizable]
public sealed class StubDriverTests
{
    private string _folder = null!;

    [SetUp]
    public void Make() => _folder = Directory.CreateTempSubdirectory("autogradcore-stub").FullName;

    [TearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void All_work_is_in_the_primary_context_on_one_stream_of_its_own()
    {
        (int exit, string printed, string[] calls) = Train();
        Assert.That(exit, Is.Zero, printed);
        Assert.That(calls.Where(call => call.StartsWith("FAULT", StringComparison.Ordinal)), Is.Empty);
        Assert.That(calls.Select(Name).Take(3),
            Is.EqualTo(new[] { "cuCtxCreate", "cuDevicePrimaryCtxRetain", "cuStreamCreate" }));
        Assert.That(calls.Select(Name).TakeLast(3),
            Is.EqualTo(new[] { "cuModuleUnload", "cuCtxDestroy", "cuDevicePrimaryCtxRelease" }));
        Assert.That(calls, Has.None.StartWith("cuCtxSynchronize"));
        string stream = calls.Single(call => Name(call) == "cuStreamCreate").Split(' ')[1];
        string[] queued = [.. calls.Where(call => Name(call) is "cuLaunchKernel" or "cuMemcpyAsync" or "cuStreamSynchronize")];
        Assert.That(queued, Has.Length.GreaterThan(1000).And.All.Contains($" {stream} "));
        foreach ((string made, string freed) in new[] { ("cuMemAlloc", "cuMemFree"), ("cuModuleLoad", "cuModuleUnload") })
            Assert.That(calls.Count(call => Name(call) == freed), Is.EqualTo(calls.Count(call => Name(call) == made)));
    }

    [Test]
    public void A_driver_that_lacks_a_function_leaves_ILGPU_its_own_context()
    {
        (int exit, string printed, string[] calls) = Train("-DWITHOUT_PRIMARY");
        Assert.That(exit, Is.Zero, printed);
        Assert.That(calls.Where(call => call.StartsWith("FAULT", StringComparison.Ordinal)), Is.Empty);
        Assert.That(calls.Select(Name), Has.None.EqualTo("cuStreamCreate").And.None.EqualTo("cuDevicePrimaryCtxRelease"));
        Assert.That(Name(calls[^1]), Is.EqualTo("cuCtxDestroy"));
    }

    [Test]
    public void A_context_that_is_refused_is_an_error_that_names_the_call_and_leaves_nothing()
    {
        (int exit, string printed, string[] calls) = Train("-DREFUSES");
        Assert.That(exit, Is.Not.Zero);
        Assert.That(printed, Does.Contain("does not start: cuCtxSetCurrent failed: CUDA_ERROR_OUT_OF_MEMORY (out of memory)"));
        Assert.That(calls.Select(Name), Is.EqualTo(new[]
        {
            "cuCtxCreate", "cuDevicePrimaryCtxRetain", "cuDevicePrimaryCtxRelease", "cuCtxDestroy",
        }));
    }

    [Test]
    public void A_driver_too_old_for_the_device_is_an_error_that_names_both_versions()
    {
        (int exit, string printed, string[] calls) = Train("-DVERSION=10020");
        Assert.That(exit, Is.Not.Zero);
        Assert.That(printed, Does.Contain("the driver is too old: it knows CUDA 10.2, and kernels for Stub (SM_80) need 11.0"));
        Assert.That(calls, Is.Empty);
    }

    [Test]
    public void A_driver_that_does_not_start_is_an_error_in_its_own_words()
    {
        (int exit, string printed, string[] calls) = Train("-DINIT=2");
        Assert.That(exit, Is.Not.Zero);
        Assert.That(printed, Does.Contain("no device 'cuda:0': cuInit failed: CUDA_ERROR_OUT_OF_MEMORY (out of memory)."));
        Assert.That(calls, Is.Empty);
    }

    private static string Name(string call) => call.Split(' ')[0];

    /// <summary>Two steps of a small model over two stages on the device cuda:0.</summary>
    private (int Exit, string Printed, string[] Calls) Train(params string[] flags)
    {
        string source = Path.Combine(Repository.Root, "Tests", "Kernels", "Ilgpu", "Native", "StubDriver.c");
        string log = Path.Combine(_folder, "calls"), text = Path.Combine(_folder, "text");
        Compile(["-shared", "-fPIC", "-w", "-o", Path.Combine(_folder, "libcuda.so.1"), .. flags, source]);
        File.WriteAllText(text, string.Concat(Enumerable.Range(0, 400).Select(i => $"{i} ")));
        ProcessStartInfo start = new(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["LD_LIBRARY_PATH"] = _folder, ["STUB_DRIVER_LOG"] = log, ["DOTNET_TieredPGO"] = "0" },
        };
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "autogradcore.dll"), "train", "--backend", "ilgpu", "--device", "cuda:0",
            "--steps", "2", "--stages", "2", "--microbatches", "2", "--batch", "2", "--seq", "8", "--data", text,
            "--out", Path.Combine(_folder, "run"),
        ];
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string printed = process.StandardOutput.ReadToEnd() + errors.Result;
        process.WaitForExit();
        return (process.ExitCode, printed, File.Exists(log) ? File.ReadAllLines(log) : []);
    }

    private static void Compile(string[] arguments)
    {
        try
        {
            using Process compiler = Process.Start("cc", arguments);
            compiler.WaitForExit();
            Assert.That(compiler.ExitCode, Is.Zero, "the C compiler's exit code");
        }
        catch (Win32Exception)
        {
            Assert.Ignore("There is no C compiler, cc, here.");
        }
    }
}
