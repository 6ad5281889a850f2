using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using AutogradCore.Kernels;
using AutogradCore.Kernels.Host;
using AutogradCore.Tests.Backends;
using NUnit.Framework.Api;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

namespace AutogradCore.Tests.Kernels.Host;

/// <summary>What a process says about its vector code: the width, the bits of every verb, and which tests of it fail.</summary>
internal static class VectorCodeRun
{
    /// <summary>The argument that also runs what <see cref="Bits"/> and the parent's own tests already show together: equal bits
    /// at both widths, which in the parent agree with the reference and on every number of threads.</summary>
    public const string Everything = "everything";

    private const string LevelLine = "level ", BitsLine = "bits ", FailureLine = "failed ", CountLine = "passed ";

    /// <summary>Runs everything of the category <see cref="BackendCases.VectorCode"/> in this process, on one thread: the bits of
    /// verbs are those on three. Kernels are left out, since they have no vectors.</summary>
    public static int Run(TextWriter output, bool everything)
    {
        output.WriteLine(LevelLine + SimdLevels.Best);
        foreach ((string verb, string bits) in Bits(threads: 3)) output.WriteLine($"{BitsLine}{verb}: {bits}");
        NUnitTestAssemblyRunner runner = new(new DefaultTestAssemblyBuilder());
        runner.Load(typeof(VectorCodeRun).Assembly, new Dictionary<string, object>());
        string implied = everything ? "" : $"|{nameof(HostBackendTests)}.*\\.A_verb_";
        string rest = everything ? "" : $"<not><cat>{BackendCases.Exhaustive}</cat></not>";
        TestFilter filter = TestFilter.FromXml(
            $"<filter><and><cat>{BackendCases.VectorCode}</cat>"
            + $"<not><test re='1'>simt|ilgpu|2 threads{implied}</test></not>{rest}</and></filter>");
        ITestResult result = runner.Run(TestListener.NULL, filter);
        foreach (ITestResult failure in Failures(result))
            output.WriteLine($"{FailureLine}{failure.FullName}: {failure.Message?.ReplaceLineEndings(" ")}");
        output.WriteLine(CountLine + result.PassCount.ToString(CultureInfo.InvariantCulture));
        return result.FailCount == 0 ? 0 : 1;
    }

    /// <summary>A digest of everything that a verb leaves behind, for every verb and both element types.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Bits(int threads = 1)
    {
        foreach (DType dtype in new[] { DType.Float32, DType.Float64 })
            foreach (string verb in HostVerbs.Names)
            {
                using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                foreach ((int rows, int columns) in HostVerbs.Sizes)
                {
                    using HostVerbs verbs = new(new HostBackend(threads), dtype, rows, columns);
                    verbs.Run(verb);
                    hash.AppendData(MemoryMarshal.AsBytes<double>(verbs.Results()));
                }
                yield return new($"{verb}, {dtype}", Convert.ToHexString(hash.GetHashAndReset()));
            }
    }

    /// <summary>What <see cref="Run"/> printed.</summary>
    public static VectorCodeReport Read(string printed)
    {
        string[] lines = printed.Split('\n', StringSplitOptions.TrimEntries);
        IEnumerable<string> After(string mark) =>
            lines.Where(l => l.StartsWith(mark, StringComparison.Ordinal)).Select(l => l[mark.Length..]);
        return new VectorCodeReport(
            After(LevelLine).Select(Enum.Parse<SimdLevel>).SingleOrDefault(),
            After(BitsLine).Select(l => l.Split(": ")).ToDictionary(l => l[0], l => l[1]),
            [.. After(FailureLine)],
            After(CountLine).Select(l => int.Parse(l, CultureInfo.InvariantCulture)).SingleOrDefault());
    }

    private static IEnumerable<ITestResult> Failures(ITestResult result) =>
        result.HasChildren ? result.Children.SelectMany(Failures)
        : result.ResultState.Status == TestStatus.Failed ? [result] : [];
}

/// <summary>A <see cref="VectorCodeRun"/> as read by the process that started it.</summary>
internal sealed record VectorCodeReport(SimdLevel Level, Dictionary<string, string> Bits, string[] Failures, int Passed);
