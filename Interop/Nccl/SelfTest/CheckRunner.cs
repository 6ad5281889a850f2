using System.Diagnostics;

namespace AutogradCore.Interop;

/// <summary>Runs checks one after another, each on a thread of its own and under a deadline, so that none holds up the
/// caller.</summary>
/// <param name="options">The deadline.</param>
/// <param name="begin">What a check's thread does first.</param>
/// <param name="abort">Stops what a check waits for; called on another thread while the check is under way.</param>
internal sealed class CheckRunner(NcclSelfTestOptions options, Action begin, Action abort)
{
    private readonly List<NcclCheck> _checks = [];
    private long _start;

    public IReadOnlyList<NcclCheck> Checks => _checks;

    /// <summary>The check that did not end even after an abort, or null.</summary>
    public string? Stuck { get; private set; }

    /// <summary>What is left of the present check's time.</summary>
    public TimeSpan Left
    {
        get
        {
            TimeSpan left = options.Deadline - Stopwatch.GetElapsedTime(_start);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Runs a check, or notes why not.</summary>
    public void Run(string name, string? skip, Func<string> body)
    {
        if (Stuck is not null) skip = $"'{Stuck}' has not ended";
        if (skip is not null)
        {
            _checks.Add(new NcclCheck(name, false, skip, null));
            return;
        }
        string detail = "";
        Exception? error = null;
        _start = Stopwatch.GetTimestamp();
        Thread thread = Start(name, () =>
        {
            try
            {
                begin();
                detail = body();
            }
            catch (Exception caught)
            {
                error = caught;
            }
        });
        // The check's own waits end at the deadline. What does not is a wait for the device, or a call that does not return.
        bool isLate = !thread.Join(options.Deadline + (options.Deadline / 4));
        if (isLate)
        {
            Start("abort", abort).Join(options.Grace);
            if (!thread.Join(options.Grace)) Stuck = name;
        }
        string late = $"did not end within {options.Deadline.TotalSeconds:0.###} s";
        if (Stuck is not null)
            _checks.Add(new NcclCheck(name, false, null, $"{late}, nor when its communicators were aborted"));
        else if (isLate)
            _checks.Add(new NcclCheck(name, false, null, $"{late}; its communicators were aborted{Because(error)}"));
        else
            _checks.Add(new NcclCheck(name, error is null, null, error is null ? detail : Said(error)));
    }

    /// <summary>Does something without noting it, within the time of a check.</summary>
    public void Tidy(string name, Action action)
    {
        if (Stuck is null && !Start(name, action).Join(options.Grace)) Stuck = name;
    }

    private static Thread Start(string name, Action action)
    {
        Thread thread = new(() =>
        {
            try
            {
                action();
            }
            catch (Exception)
            {
                // A check's own errors are caught inside. What an abort or a clean-up says changes nothing, and nobody waits
                // for it.
            }
        })
        { IsBackground = true, Name = $"NCCL {name}" };
        thread.Start();
        return thread;
    }

    private static string Because(Exception? error) => error is null or ObjectDisposedException ? "" : $": {Said(error)}";

    private static string Said(Exception error) =>
        error is NumbersException or AutogradException ? error.Message : $"{error.GetType().Name}: {error.Message}";
}
