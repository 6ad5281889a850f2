using System.Diagnostics;
using System.Globalization;

namespace AutogradCore.Benchmarks;

/// <summary>A peer that cannot be measured, and what to do about it.</summary>
public sealed class PeerException(string message, string? hint = null) : AutogradException(message, hint);

/// <summary>Another library in a process of its own, which does the same work on request: <c>Benchmarks/peers/NAME_peer.py</c>.</summary>
/// <remarks>It is given its best: environment variables that pin BLAS libraries to old kernels are removed, freed pages are kept.</remarks>
internal sealed class Peer : IDisposable
{
    private readonly Process _process;

    private Peer(Process process, string configuration) => (_process, Configuration) = (process, configuration);

    /// <summary>Versions, threads and kernels that the peer says it uses.</summary>
    public string Configuration { get; }

    /// <summary>Starts it on a number of threads.</summary>
    /// <exception cref="PeerException">Python, the library or the script is missing.</exception>
    public static Peer Start(string name, int threads)
    {
        string script = Script(name);
        string python = Environment.GetEnvironmentVariable("PYTHON") ?? (File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3");
        ProcessStartInfo start = new(python, [script]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (string pinned in start.Environment.Keys.Where(k => k.StartsWith("OPENBLAS_", StringComparison.Ordinal) || k == "NVPL_BLAS_DEBUG_CPU_TYPE"
            || k.StartsWith("MKL_", StringComparison.Ordinal) || k.StartsWith("DNNL_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(pinned);
        start.Environment["OMP_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
        start.Environment["MALLOC_MMAP_THRESHOLD_"] = start.Environment["MALLOC_TRIM_THRESHOLD_"] = "4294967296";
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new PeerException($"{python} cannot be started: {e.Message}", "install python3, or name it in the variable PYTHON");
        }
        string? configuration = process.StandardOutput.ReadLine();
        if (configuration is null)
            throw new PeerException($"{script} ended at once; its error stands above.", "on Debian: apt-get install python3-torch libopenblas0-openmp");
        return new Peer(process, configuration);
    }

    /// <summary>Seconds of one run of a piece of work: the median within a budget, after warming up.</summary>
    public double Seconds(string request, double budget)
    {
        _process.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{budget} {request}"));
        _process.StandardInput.Flush();
        string? answer = _process.StandardOutput.ReadLine();
        return double.TryParse(answer, CultureInfo.InvariantCulture, out double seconds)
            ? seconds
            : throw new PeerException($"The peer did not answer '{request}'; its error stands above.");
    }

    /// <summary>Ends the process.</summary>
    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(2000)) _process.Kill();
        _process.Dispose();
    }

    private static string Script(string name)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string script = Path.Combine(folder.FullName, "Benchmarks", "peers", $"{name}_peer.py");
            if (File.Exists(script)) return script;
        }
        throw new PeerException($"Benchmarks/peers/{name}_peer.py is not above {AppContext.BaseDirectory}.", "run it from a checkout of the repository");
    }
}
