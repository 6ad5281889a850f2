using System.Diagnostics;
using Spectre.Console;

namespace AutogradCore.Cli;

/// <summary>How far a long piece of work is: a bar on a terminal, else a line now and then.</summary>
internal abstract class StepProgress
{
    /// <summary>Runs <paramref name="work"/> with progress shown on the error stream.</summary>
    public static void Show(Terminal terminal, string title, int total, int done, Action<StepProgress> work)
    {
        if (!terminal.IsLive)
        {
            work(new Lines(terminal.Error, title, total));
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

    private sealed class Lines(TextWriter writer, string title, int total) : StepProgress
    {
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
        private readonly Stopwatch _since = new();

        public override void Report(int step, string text)
        {
            if (_since.IsRunning && _since.Elapsed < Interval && step < total) return;
            writer.WriteLine($"{title} {step}/{total} {text}");
            _since.Restart();
        }
    }
}
