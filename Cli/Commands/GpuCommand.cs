using System.CommandLine;
using System.Globalization;
using AutogradCore.Benchmarks;
using AutogradCore.Checking;
using AutogradCore.Kernels;

namespace AutogradCore.Cli;

/// <summary><c>gpu</c>: checks every kernel on a device against the reference, checks gradients there, and times it.</summary>
internal static class GpuCommand
{
    public static Command Create(Terminal terminal, CancellationToken cancellation)
    {
        Option<string?> device = new("--device") { Description = Backends.DeviceHelp };
        Option<string?> peer = new("--peer")
        {
            Description = "Also measure this library in turns with ours, on CUDA; beside a simulator on the CPU.",
        };
        peer.AcceptOnlyFromAmong([.. BenchmarkSuite.Peers]);
        Option<bool> small = new("--small") { Description = "Tiny sizes. Default on the emulator and on ILGPU's simulator." };
        Option<bool> checksOnly = new("--checks-only") { Description = "Time nothing." };
        Option<string?> output =
            new Option<string?>("--out") { Description = "Folder for gpu.json and gpu.txt. Default: print only." }.OfPath();
        Option<bool> json = new("--json") { Description = "Print the report as one JSON object." };
        Command command = new("gpu",
            "Checks every kernel on a device against the reference, times kernels and whole steps, and tries NCCL.")
        {
            device, peer, small, checksOnly, output, json,
        };
        command.SetAction(parsed =>
        {
            string? folder = parsed.GetValue(output);
            if (folder is not null) WholeFile.MakeFolder(folder);
            IDeviceBackend backend = Backends.OpenDevice(parsed.GetValue(device)).CreateBackend();
            terminal.Error.WriteLine($"{backend.Device.Name}: {backend.Device.Description}");
            bool simulated = GpuBenchmark.IsSimulated(backend.Device.Name);
            NcclTrial nccl = NcclTrial.None("not tried: the device failed before");
            try
            {
                GpuReport report = Measure(backend, parsed.GetValue(peer), parsed.GetValue(small) || simulated,
                    parsed.GetValue(checksOnly), terminal, cancellation);
                if (report.Failure is null)
                {
                    // NCCL comes last, and after a first report: native code can take device and process with it.
                    if (folder is not null) Write(folder, report.With(NcclTrial.None("was tried, and ended the process")));
                    nccl = NcclTrial.Run(backend);
                }
                report = report.With(nccl);
                if (folder is not null) Write(folder, report);
                terminal.Out.Write(parsed.GetValue(json) ? Json.ToLine(report) + Environment.NewLine : report.ToText());
                return (int)(report.Passed ? ExitCode.Ok : ExitCode.CheckFailed);
            }
            finally
            {
                if (nccl.Stuck is null) backend.Dispose(); // otherwise that would wait for ever
            }
        });
        return command;
    }

    private static GpuReport Measure(
        IDeviceBackend backend, string? peer, bool small, bool checksOnly, Terminal terminal, CancellationToken cancellation)
    {
        string? configuration = null;
        List<BackendCheckResult> checks = [];
        List<GradCheckReport> gradients = [];
        List<Measurement> figures = [];
        string? failure = null;
        try
        {
            foreach (BackendCheckResult check in BackendCheck.Run(backend))
            {
                cancellation.ThrowIfCancellationRequested();
                if (!check.Passed)
                    terminal.Error.WriteLine($"{check.Sample} {check.DType}: {check.At} is off by {check.Error:G4} u");
                checks.Add(check);
            }
            foreach (OpSample sample in OpCatalog.Samples)
            {
                cancellation.ThrowIfCancellationRequested();
                GradCheckReport report = sample.Check(backend);
                if (!report.Passed) terminal.Error.WriteLine(report);
                gradients.Add(report);
            }
            if (!checksOnly)
                foreach (Measurement figure in GpuBenchmark.Run(backend.Device, peer, small, note => configuration = note))
                {
                    cancellation.ThrowIfCancellationRequested();
                    terminal.Error.WriteLine(
                        string.Create(CultureInfo.InvariantCulture,
                            $"{figure.Measure} {figure.Shape}: {figure.Value:N1} {figure.Unit}"));
                    figures.Add(figure);
                }
        }
        catch (AutogradException error) when (error is KernelException or DeviceException or AllocationException or PeerException)
        {
            failure = error.Message; // what was found so far is worth keeping
            terminal.Error.WriteLine(failure);
        }
        return new GpuReport(DateOnly.FromDateTime(DateTime.Now), backend.Device.Name, backend.Device.Description,
            $"ILGPU {KernelDevices.IlgpuVersion}", configuration, "", [], checks,
            [.. gradients.Select(g => new GpuGradient(g.Name, g.Passed))],
            figures, failure);
    }

    private static void Write(string folder, GpuReport report)
    {
        WholeFile.Write(Path.Combine(folder, "gpu.json"), Json.ToLine(report) + "\n");
        WholeFile.Write(Path.Combine(folder, "gpu.txt"), report.ToText());
    }
}
