using System.Globalization;

namespace AutogradCore.Cli;

/// <summary>What a reader has to know before believing the demo's times: who else used the machine, and whether the run was cut
/// short.</summary>
internal static class DemoNotes
{
    /// <summary>Below this share of cores a run counts as disturbed; beyond this relative difference, measured and simulated
    /// ratios count as far apart.</summary>
    private const double Quiet = 0.95, Near = 0.05;

    /// <summary>Whether other programs had the cores so often that times say little.</summary>
    public static bool IsDisturbed(double coreShare, int cores) => cores > 1 && coreShare < Quiet;

    /// <summary>The notes, one sentence or two each; none for a run on a quiet machine that went as planned.</summary>
    /// <param name="coreShare">As <see cref="DemoComparison.CoreShare"/>.</param>
    /// <param name="cores">The cores of this machine.</param>
    /// <param name="measured">The measured ratios of step times.</param>
    /// <param name="simulated">The ratio that the simulator finds.</param>
    /// <param name="steps">Steps that each run took.</param>
    /// <param name="planned">Steps that each run was to take.</param>
    public static IReadOnlyList<string> Of(
        double coreShare, int cores, IReadOnlyList<double> measured, double simulated, int steps, int planned)
    {
        List<string> notes = [];
        double apart = measured.Select(ratio => Math.Abs(ratio / simulated - 1)).Max();
        if (cores < 2)
            notes.Add("This machine has one core, and two stages need two: measured ratios do not show what the split gains.");
        else if (IsDisturbed(coreShare, cores))
            notes.Add(Text($"Other programs had the cores for {100 * (1 - coreShare):0} % of the time in which the stages had ")
                + "work, or a limit on CPU time held them. So the measured ratios say little; run the demo on a quiet machine.");
        else if (apart > Near)
            notes.Add(Text($"Measured and simulated ratios are up to {100 * apart:0} % apart, and CPU times show no other ")
                + "program on the cores. Stages that share memory bandwidth, or a changing clock speed, can do that.");
        if (steps < planned)
            notes.Add(
                Text($"Cut short after {steps} of {planned} steps: the machine was too slow for the rest in the time allowed."));
        return notes;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
