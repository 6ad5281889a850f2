using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using ILGPU.Runtime.Cuda;

namespace AutogradCore.Tests.Kernels.Ilgpu.Native;

/// <summary>NVIDIA's assembler, which drivers have built in: where it is on the path it says, without a GPU, whether PTX is
/// right, and how many registers it takes.</summary>
internal static partial class Ptxas
{
    private static readonly Lazy<bool> Here = new(() =>
    {
        try
        {
            return Run("--version").Exit == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    });

    /// <summary>Whether there is one.</summary>
    public static bool IsHere => Here.Value;

    /// <summary>Assembles a kernel.</summary>
    /// <exception cref="InvalidOperationException">It is not right PTX; with the assembler's words.</exception>
    public static PtxasReport Assemble(string ptx, CudaArchitecture architecture)
    {
        string source = Path.GetTempFileName();
        try
        {
            File.WriteAllText(source, ptx);
            string target = $"-arch=sm_{architecture.Major}{architecture.Minor}";
            (int exit, string printed) = Run("-v", target, "-o", source + ".cubin", source);
            if (exit != 0) throw new InvalidOperationException(printed);
            int Number(Regex pattern) => pattern.Match(printed) is { Success: true } match
                ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
            return new(Number(Registers()), Number(Shared()), Number(Stack()), Number(Stores()) + Number(Loads()));
        }
        finally
        {
            File.Delete(source);
            File.Delete(source + ".cubin");
        }
    }

    private static (int Exit, string Printed) Run(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("ptxas", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string printed = process.StandardOutput.ReadToEnd() + errors.Result;
        process.WaitForExit();
        return (process.ExitCode, printed);
    }

    [GeneratedRegex(@"Used (\d+) registers")]
    private static partial Regex Registers();

    [GeneratedRegex(@"(\d+) bytes smem")]
    private static partial Regex Shared();

    [GeneratedRegex(@"(\d+) bytes stack frame")]
    private static partial Regex Stack();

    [GeneratedRegex(@"(\d+) bytes spill stores")]
    private static partial Regex Stores();

    [GeneratedRegex(@"(\d+) bytes spill loads")]
    private static partial Regex Loads();
}

/// <summary>What a kernel takes.</summary>
/// <param name="Registers">Registers of 32 bits a lane.</param>
/// <param name="SharedBytes">Fixed shared memory of a group.</param>
/// <param name="StackBytes">Local memory of a lane.</param>
/// <param name="SpilledBytes">Of that, bytes written and read because registers ran out.</param>
internal sealed record PtxasReport(int Registers, int SharedBytes, int StackBytes, int SpilledBytes);
