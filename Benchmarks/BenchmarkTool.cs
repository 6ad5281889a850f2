using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace AutogradCore.Benchmarks;

/// <summary>A measurement that could not be made, and what to do about it.</summary>
public sealed class BenchmarkException(string message, string? hint = null) : AutogradException(message, hint);

/// <summary>The command line tool, started anew for what needs a process of its own.</summary>
/// <param name="Program">The program to start.</param>
/// <param name="Arguments">What comes before the tool's own arguments: its assembly, where the program is <c>dotnet</c>.</param>
public sealed record BenchmarkTool(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>The command that prints a <see cref="Benchmarks.StepMemory"/>: a model's name and the threads follow.</summary>
    public const string StepMemoryCommand = "bench-memory";

    /// <summary>The memory of a model's training step, measured in a fresh process.</summary>
    /// <exception cref="BenchmarkException">The process failed.</exception>
    public StepMemory StepMemory(string model, int threads)
    {
        string[] words = [.. Arguments, StepMemoryCommand, model, threads.ToString(CultureInfo.InvariantCulture)];
        string command = string.Join(' ', words.Prepend(Program));
        try
        {
            using Process process = Process.Start(
                new ProcessStartInfo(Program, words) { RedirectStandardOutput = true, UseShellExecute = false })!;
            string answer = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode == 0) return JsonSerializer.Deserialize<StepMemory>(answer, JsonSerializerOptions.Web)!;
            throw new BenchmarkException($"{command} ended with code {process.ExitCode}; its error stands above.");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new BenchmarkException($"{command} cannot be started: {e.Message}");
        }
    }
}
