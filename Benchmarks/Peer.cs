using System.Diagnostics;
using System.Globalization;

namespace AutogradCore.Benchmarks;

/// <summary>A peer that cannot be measured, and what to do about it.</summary>
public sealed class PeerException(string message, string? hint = null) : AutogradException(message, hint);

/// <summary>Another library in a process of its own, which does the same work on request:
/// <c>Benchmarks/peers/NAME_peer.py</c>.</summary>
/// <remarks>It is given its best: environment variables that pin libraries to old kernels, or its threads to cores, are
/// removed, and freed pages are kept where time counts.</remarks>
internal sealed class Peer : IDisposable
{
    private static readonly string[] Pinning =
        ["OPENBLAS_", "GOTO_", "BLIS_", "NVPL_", "MKL_", "DNNL_", "ONEDNN_", "ATEN_", "OMP_", "GOMP_", "KMP_", "MALLOC_"];

    private readonly Process _process;

    private Peer(Process process, string configuration) => (_process, Configuration) = (process, configuration);

    /// <summary>Versions, threads and kernels that the peer says it uses.</summary>
    public string Configuration { get; }

    /// <summary>Whether a variable of the environment could hold the peer back, or change how it takes memory.</summary>
    internal static bool Pins(string variable) => Pinning.Any(p => variable.StartsWith(p, StringComparison.OrdinalIgnoreCase));

    /// <summary>Starts it on a number of threads.</summary>
    /// <param name="name">One of <see cref="BenchmarkSuite.Peers"/>.</param>
    /// <param name="threads">Threads it may use.</param>
    /// <param name="keepFreedPages">Whether its allocator keeps freed pages: faster, not smaller.</param>
    /// <param name="device">Where it works: <c>cpu</c> or <c>cuda</c>.</param>
    /// <exception cref="PeerException">Python, the library or the script is missing.</exception>
    public static Peer Start(string name, int threads, bool keepFreedPages = true, string device = "cpu")
    {
        string script = Script(name);
        string python = Environment.GetEnvironmentVariable("PYTHON")
            ?? (device == "cpu" && File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3");
        ProcessStartInfo start = new(python, [script, device])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        foreach (string variable in start.Environment.Keys.Where(Pins).ToArray()) start.Environment.Remove(variable);
        start.Environment["OMP_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
        if (keepFreedPages)
            start.Environment["MALLOC_MMAP_THRESHOLD_"] = start.Environment["MALLOC_TRIM_THRESHOLD_"] = "4294967296";
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new PeerException($"{python} cannot be started: {e.Message}",
                "install python3, or name it in the variable PYTHON");
        }
        string? configuration = process.StandardOutput.ReadLine();
        if (configuration is null)
            throw new PeerException($"{script} ended at once; its error stands above.",
                "on Debian: apt-get install python3-torch libopenblas0-openmp");
        return new Peer(process, configuration);
    }

    /// <summary>Seconds of one run of a piece of work: the median within a budget, after warming up.</summary>
    public double Seconds(string request, double budget) =>
        Ask(string.Create(CultureInfo.InvariantCulture, $"{budget} {request}"));

    /// <summary>Sends a line and reads the number that answers it.</summary>
    /// <exception cref="PeerException">It answered no number.</exception>
    public double Ask(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
        string? answer = _process.StandardOutput.ReadLine();
        return double.TryParse(answer, CultureInfo.InvariantCulture, out double number)
            ? number
            : throw new PeerException($"The peer did not answer '{line}'; its error stands above.");
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
        throw new PeerException($"Benchmarks/peers/{name}_peer.py is not above {AppContext.BaseDirectory}.",
            "run it from a checkout of the repository");
    }
}
