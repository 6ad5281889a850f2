using System.Diagnostics;
using Spectre.Console;

namespace AutogradCore.Cli;

/// <summary>How far a long piece of work is: a bar on a terminal, else a line at the start and now and then.</summary>
internal abstract class StepProgress
{
    /// <summary>Runs <paramref name="work"/> with progress shown on the error stream.</summary>
    public static void Show(Terminal terminal, string title, int total, int done, Action<StepProgress> work)
    {
        if (!terminal.IsLive)
        {
            using Lines lines = new(terminal.Error, title, total, done);
            work(lines);
            return;
        }
        terminal.Progress.Progress().AutoClear(false)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(title), maxValue: Math.Max(1, total));
                task.Value = done;
                work(new Bar(task, title));
            });
    }

    /// <summary>Step <paramref name="step"/> is done.</summary>
    public abstract void Report(int step, string text);

    private sealed class Bar(ProgressTask task, string title) : StepProgress
    {
        public override void Report(int step, string text)
        {
            task.Value = step;
            task.Description = Markup.Escape($"{title} {text}");
        }
    }

    /// <summary>A line at the start, then at most one per <see cref="Interval"/>. A step that takes longer than
    /// <see cref="Patience"/> gets lines of its own, so that nobody takes slow for stuck.</summary>
    private sealed class Lines : StepProgress, IDisposable
    {
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5), Patience = TimeSpan.FromSeconds(10);
        private readonly Lock _gate = new();
        private readonly TextWriter _writer;
        private readonly string _title;
        private readonly int _total;
        private readonly Timer _waits;
        private long _last = Stopwatch.GetTimestamp(), _printed;
        private int _done;
        private bool _ended;

        public Lines(TextWriter writer, string title, int total, int done)
        {
            (_writer, _title, _total, _done) = (writer, title, total, done);
            writer.WriteLine($"{title} {done}/{total}");
            _waits = new Timer(_ => Wait(), null, Patience, Patience);
        }

        public override void Report(int step, string text)
        {
            lock (_gate)
            {
                _done = step;
                _last = Stopwatch.GetTimestamp();
                if (_printed != 0 && Stopwatch.GetElapsedTime(_printed) < Interval && step < _total) return;
                _writer.WriteLine($"{_title} {step}/{_total} {text}");
                _printed = _last;
            }
        }

        public void Dispose()
        {
            lock (_gate) _ended = true;
            _waits.Dispose();
        }

        private void Wait()
        {
            lock (_gate)
            {
                TimeSpan since = Stopwatch.GetElapsedTime(_last);
                if (!_ended && since >= Patience)
                    _writer.WriteLine($"{_title} {_done}/{_total}, at work on the next for {since.TotalSeconds:0} s");
            }
        }
    }
}
