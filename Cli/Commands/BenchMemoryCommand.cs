using System.CommandLine;
using AutogradCore.Benchmarks;

namespace AutogradCore.Cli;

/// <summary><c>bench-memory</c>: the memory of one model's training step; <c>bench step</c> starts it anew.</summary>
internal static class BenchMemoryCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> model = new("model") { Description = $"{string.Join(" or ", StepMemory.Models)}." };
        model.AcceptOnlyFromAmong([.. StepMemory.Models]);
        Argument<int> threads = new("threads") { Description = "Threads to work on." };
        Command command = new(BenchmarkTool.StepMemoryCommand, "Prints what a model's training steps take of memory.")
        {
            model, threads,
        };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            int count = parsed.GetValue(threads);
            TrainOptions.RequireThreads(count);
            terminal.Out.WriteLine(Json.ToLine(StepMemory.Measure(parsed.GetValue(model)!, count)));
            return (int)ExitCode.Ok;
        });
        return command;
    }
}
