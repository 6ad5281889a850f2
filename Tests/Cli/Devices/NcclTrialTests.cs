extern alias simt;

using System.Text.Json;
using AutogradCore.Cli;
using AutogradCore.Interop;
using AutogradCore.Tests.Interop;
using NUnit.Framework;
using simt::AutogradCore.Kernels.Simt;

namespace AutogradCore.Tests.Cli;

public sealed class NcclTrialTests
{
    private static readonly string Simulator = "simt";

    [Test]
    public void NCCL_is_not_tried_where_there_is_no_CUDA_device()
    {
        using SimtBackend backend = new();
        Assert.That(NcclTrial.Run(backend), Is.EqualTo(NcclTrial.None($"not tried: {Simulator} is no CUDA device")));
    }

    [Test]
    public void Every_check_passes_on_the_memory_of_a_backend()
    {
        using SimtBackend backend = new();
        OnBackend on = new(backend);
        NcclTrial trial = NcclTrial.Run(on.Nccl.Library, on);
        Assert.That(trial.Checks.Where(c => !c.Passed), Is.Empty);
        Assert.That((trial.Summary, trial.Stuck), Is.EqualTo(("2.30.7 (fake)", (string?)null)));
        Assert.That(backend.Memory.CurrentBytes, Is.Zero);
        Assert.That(on.Nccl.Violations, Is.Empty);
    }

    [Test]
    public void The_report_tells_each_check_in_JSON_and_in_text_and_a_failure_fails_it()
    {
        GpuReport report = new GpuReport(new DateOnly(2026, 1, 2), "cuda:0", "a GPU", "why", null, "", [], [], [], [], null).With(
            new NcclTrial("2.28.9 (libnccl.so.2)",
            [
                new NcclCheck("broadcast", true, null, "12 types"), new NcclCheck("all-to-all", false, "too old", null),
                new NcclCheck("split", false, null, "ncclCommSplit gave X\nHint: Y"),
            ], null));
        Assert.That(report.ToText(), Does.Contain("""
            NCCL: 2.28.9 (libnccl.so.2): 1 of 3 checks pass on one rank, 1 skipped
              ok      broadcast: 12 types
              skipped all-to-all: too old
              FAILED  split: ncclCommSplit gave X Hint: Y

            """.ReplaceLineEndings("\n")));
        JsonElement split = JsonDocument.Parse(Json.ToLine(report)).RootElement.GetProperty("ncclChecks")[2];
        Assert.That(split.GetProperty("name").GetString(), Is.EqualTo("split"));
        Assert.That(split.GetProperty("failed").GetBoolean());
        Assert.That(report.Passed, Is.False);
        Assert.That((report with { NcclChecks = [.. report.NcclChecks.Take(2)] }).Passed);
    }

    /// <summary>A backend's memory under the fake library.</summary>
    private sealed class OnBackend : INcclDevice
    {
        private readonly FakeNcclDevice _fake;
        private readonly NcclOnBackend _memory;

        public OnBackend(SimtBackend backend) => (_fake, _memory) = (new(Nccl), new(backend));

        public FakeNccl Nccl { get; } = new();

        public nint Stream => _fake.Stream;

        public nint Allocate(long bytes) => _memory.Allocate(bytes);

        public void Free(nint memory) => _memory.Free(memory);

        public void Upload(ReadOnlySpan<byte> from, nint to) => _memory.Upload(from, to);

        public void Download(nint from, Span<byte> into) => _memory.Download(from, into);

        public void MakeCurrent() => _fake.MakeCurrent();

        public void Synchronize()
        {
            _fake.Synchronize();
            _memory.Synchronize();
        }
    }
}
