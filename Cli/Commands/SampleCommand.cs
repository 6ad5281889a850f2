using System.CommandLine;
using System.Text;

namespace AutogradCore.Cli;

/// <summary><c>sample</c>: continues a prompt with a trained model.</summary>
internal static class SampleCommand
{
    public static Command Create(Terminal terminal, CancellationToken cancellation)
    {
        SamplingOptions standard = new();
        Option<string> checkpoint = new Option<string>("--checkpoint")
        {
            Description = "A checkpoint that train wrote, or the folder it wrote to.",
            Required = true,
        }.OfPath();
        Option<string> prompt = new("--prompt") { Description = "What the text starts with.", DefaultValueFactory = _ => "\n" };
        Option<int> tokens = new("--tokens") { Description = "Bytes to add.", DefaultValueFactory = _ => 200 };
        Option<double> temperature = new("--temperature")
        {
            Description = "Higher is wilder; 0 takes the most likely byte always.",
            DefaultValueFactory = _ => standard.Temperature,
        };
        Option<int> topK = new("--top-k")
        {
            Description = "Choose among the k most likely bytes; 0 for all.",
            DefaultValueFactory = _ => standard.TopK,
        };
        Option<ulong> seed =
            new("--seed") { Description = "Another seed gives other text.", DefaultValueFactory = _ => standard.Seed };
        Option<string?> precision = new("--precision")
        {
            Description = $"{TrainOptions.PrecisionHelp} Default: what the model was trained in.",
        };
        Option<string> backend =
            new("--backend") { Description = $"{string.Join(" or ", Backends.Names)}.", DefaultValueFactory = _ => "host" };
        Option<int> threads =
            new("--threads") { Description = "Threads to work on.", DefaultValueFactory = _ => Environment.ProcessorCount };
        Option<bool> json = new("--json") { Description = "Print one JSON object." };
        Command command = new("sample", "Continues a prompt with a trained model.")
        {
            checkpoint, prompt, tokens, temperature, topK, seed, precision, backend, threads, json,
        };
        command.SetAction(parsed =>
        {
            SamplingOptions options = new(parsed.GetValue(temperature), parsed.GetValue(topK), parsed.GetValue(seed));
            Require(double.IsFinite(options.Temperature) && options.Temperature >= 0, $"--temperature is {options.Temperature}.");
            Require(options.TopK >= 0, $"--top-k is {options.TopK}.");
            Require(parsed.GetValue(tokens) >= 0, $"--tokens is {parsed.GetValue(tokens)}.");
            TrainOptions.RequireThreads(parsed.GetValue(threads));
            if (parsed.GetValue(precision) is { } chosen) TrainOptions.RequirePrecision(chosen);
            using SampledModel model = new(File(parsed.GetValue(checkpoint)!), parsed.GetValue(precision),
                parsed.GetValue(backend)!, parsed.GetValue(threads));
            string start = parsed.GetValue(prompt)!;
            IEnumerable<byte> text = model.Continue(start, parsed.GetValue(tokens), options, cancellation);
            if (parsed.GetValue(json))
                terminal.Out.WriteLine(Json.ToLine(
                    new
                    {
                        prompt = start,
                        text = Encoding.UTF8.GetString([.. text]),
                        step = model.Step,
                        options.Seed,
                        precision = model.Precision.Name,
                    }));
            else
                Print(start, text, terminal.Out);
            cancellation.ThrowIfCancellationRequested();
            return (int)ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Prints characters as soon as their bytes are complete;
    /// what is no UTF-8 becomes the replacement character.</summary>
    private static void Print(string prompt, IEnumerable<byte> text, TextWriter output)
    {
        output.Write(prompt);
        Decoder decoder = Encoding.UTF8.GetDecoder();
        char[] characters = new char[4];
        foreach (byte next in text) output.Write(characters, 0, decoder.GetChars([next], characters, flush: false));
        output.WriteLine(characters, 0, decoder.GetChars([], characters, flush: true));
        output.Flush();
    }

    private static string File(string path) => Directory.Exists(path) ? new RunFolder(path).Checkpoint : path;

    private static void Require(bool condition, string message)
    {
        if (!condition) throw new UsageException(message, "use a finite value of 0 or more");
    }
}
