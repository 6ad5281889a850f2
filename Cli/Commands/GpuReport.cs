using System.Globalization;
using System.Text;
using AutogradCore.Benchmarks;
using AutogradCore.Checking;
using AutogradCore.Interop;

namespace AutogradCore.Cli;

/// <summary>Whether a sample's gradients pass on the device.</summary>
internal sealed record GpuGradient(string Sample, bool Passed);

/// <summary>What <c>gpu</c> found on a device.</summary>
/// <param name="Day">When.</param>
/// <param name="Device">The device's name.</param>
/// <param name="Description">What it is.</param>
/// <param name="Compiler">What compiled the kernels.</param>
/// <param name="Peer">What the peer says of itself, or null.</param>
/// <param name="Nccl">NCCL's version and library, or why it was not tried.</param>
/// <param name="NcclChecks">What NCCL was asked to do; empty when it was not tried.</param>
/// <param name="Checks">Every op in float and double against the reference.</param>
/// <param name="Gradients">Every op's gradients, in double, on the device.</param>
/// <param name="Figures">What was timed.</param>
/// <param name="Failure">What ended the run early, or null.</param>
internal sealed record GpuReport(
    DateOnly Day, string Device, string Description, string Compiler, string? Peer, string Nccl,
    IReadOnlyList<NcclCheck> NcclChecks, IReadOnlyList<BackendCheckResult> Checks, IReadOnlyList<GpuGradient> Gradients,
    IReadOnlyList<Measurement> Figures, string? Failure)
{
    /// <summary>Whether nothing failed.</summary>
    public bool Passed =>
        Failure is null && Checks.All(c => c.Passed) && Gradients.All(g => g.Passed) && !NcclChecks.Any(c => c.Failed);

    /// <summary>The report with what NCCL did.</summary>
    public GpuReport With(NcclTrial nccl) => this with { Nccl = nccl.Summary, NcclChecks = nccl.Checks };

    /// <summary>The report as people read it.</summary>
    public string ToText()
    {
        StringBuilder text = new();
        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Line($"{Device}: {Description}");
        Line($"{Day:yyyy-MM-dd}; kernels: {Compiler}");
        if (Peer is not null) Line($"peer: {Peer}");
        Line($"ops against the reference: {Checks.Count(c => c.Passed)} of {Checks.Count} within {BackendCheck.Allowed} u");
        foreach (BackendCheckResult c in Checks.Where(c => !c.Passed))
            Line($"  WRONG {c.Sample} {c.DType} at {c.At}: {c.Error:G4} u");
        Line($"gradients on the device: {Gradients.Count(g => g.Passed)} of {Gradients.Count} samples pass");
        foreach (GpuGradient g in Gradients.Where(g => !g.Passed)) Line($"  WRONG {g.Sample}");
        AddNccl(text);
        foreach (Measurement f in Figures)
        {
            string bound = Share(f.OfBound, "of bound"), peer = Share(f.OfPeer, "of peer");
            Line($"{f.Measure,-24} {f.Shape,-52} {f.Value,14:N1} {f.Unit,-10} {bound,-16} {peer}");
        }
        if (Failure is not null) Line($"FAILED: {Failure}");
        return text.ToString();
    }

    private void AddNccl(StringBuilder text)
    {
        text.Append("NCCL: ").Append(Nccl);
        if (NcclChecks.Count > 0)
            text.Append(": ").Append(NcclChecks.Count(c => c.Passed)).Append(" of ").Append(NcclChecks.Count)
                .Append(" checks pass on one rank, ").Append(NcclChecks.Count(c => c.Skipped is not null)).Append(" skipped");
        text.Append('\n');
        foreach (NcclCheck c in NcclChecks)
        {
            string verdict = c.Passed ? "ok     " : c.Failed ? "FAILED " : "skipped";
            string[] lines = (c.Skipped ?? c.Detail ?? "").Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
            text.Append("  ").Append(verdict).Append(' ').Append(c.Name).Append(": ").AppendJoin(' ', lines).Append('\n');
        }
    }

    private static string Share(double? share, string of) =>
        share is { } s && double.IsFinite(s) ? string.Create(CultureInfo.InvariantCulture, $"{s:P0} {of}") : "";
}
