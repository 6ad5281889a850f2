using System.Collections.Immutable;
using System.Text.Json;

namespace AutogradCore.Pipeline;

/// <summary>Reads back what <see cref="ChromeTrace"/> writes.</summary>
/// <remarks>Memory follows the text's length: each rank has an entry of its own, and all events together cover no more
/// microbatches than the text has characters, or a million.</remarks>
internal static class ChromeTraceReader
{
    private const int Microbatches = 1 << 20; // that a short text may cover
    private const string Hint = "only traces written by this library read back.";

    internal static ImmutableArray<Timeline> Read(string json) =>
        JsonFields.Parse(json, "timelines", Hint, root => new Reading(Math.Max(json.Length, Microbatches)).Read(root));

    private static ScheduleFormatException Wrong(string problem) => new($"Not a trace of timelines: {problem}.", Hint);

    /// <summary>A timeline while it is read.</summary>
    private sealed class Process(JsonElement head)
    {
        internal JsonElement Head { get; } = head;

        internal List<TimelineEvent> Events { get; } = [];

        /// <summary>How many ranks have an entry.</summary>
        internal int Ranks { get; set; }
    }

    private sealed class Reading(long microbatchesLeft)
    {
        private readonly List<Process> _processes = [];
        private long _microbatchesLeft = microbatchesLeft;

        internal ImmutableArray<Timeline> Read(JsonElement root)
        {
            var number = 0;
            foreach (var element in JsonFields.Open(root, "the trace").List("traceEvents"))
            {
                var what = $"event {number++}";
                var entry = JsonFields.Open(element, what);
                switch (entry.Text("ph"), entry.Text("name"))
                {
                    case ("M", "process_name"):
                        _processes.Add(new(entry["args"]));
                        break;
                    case ("M", "thread_name"):
                        Of(entry, what).Ranks++;
                        break;
                    case ("X", _):
                        Of(entry, what).Events.Add(ReadEvent(entry, what));
                        break;
                }
            }
            return [.. _processes.Select(ReadTimeline)];
        }

        private Process Of(JsonFields entry, string what) => entry.Whole("pid") is var process && process < _processes.Count
            ? _processes[(int)process]
            : throw Wrong($"{what} is of process {process}, which has no process_name before it");

        private static Timeline ReadTimeline(Process process, int number)
        {
            var head = JsonFields.Of(process.Head, $"process {number}", "name", "ranks", "unit", "parameterBytes");
            var (ranks, unit) = (head.Whole("ranks"), head.Text("unit"));
            if (ranks != process.Ranks)
                throw Wrong($"process {number} has {ranks} ranks and names {process.Ranks} of them");
            foreach (var known in Enum.GetValues<TimeUnit>())
                if (known.ToString() == unit)
                    return new(head.Text("name"), process.Ranks, process.Events, known) { ParameterBytes = Parameters() };
            throw Wrong($"the unit '{unit}' is unknown");

            ImmutableArray<long> Parameters()
            {
                if (!head.Has("parameterBytes"))
                    return [];
                var bytes = head.Wholes("parameterBytes");
                return bytes.Length == 0 || bytes.Length == process.Ranks
                    ? bytes
                    : throw Wrong($"process {number} has {ranks} ranks and the parameters of {bytes.Length} of them");
            }
        }

        private TimelineEvent ReadEvent(JsonFields entry, string what)
        {
            var args = JsonFields.Of(entry["args"], what, "stage", "kind", "microbatch", "microbatches", "start", "duration",
                "heldBytes", "movedBytes", "sending", "waitedFor");
            if (!ActionKinds.TryParse(args.Text("kind"), out var kind))
                throw Wrong($"{what} has the unknown kind '{args.Text("kind")}'");
            var most = int.MaxValue - 1;
            var stage = (int)args.Whole("stage", most: most);
            var microbatch = kind.IsStageWide() ? args.Whole("microbatch", -1, -1) : args.Whole("microbatch", most: most);
            var microbatches = args.Whole("microbatches", 1, most - Math.Max(0, microbatch));
            if ((_microbatchesLeft -= microbatches) < 0)
                throw Wrong($"{what} covers {microbatches} microbatches, more than the text can describe");
            return new((int)entry.Whole("tid", most: most), new(stage, kind, (int)microbatch),
                args.Real("start"), args.Real("duration"), (int)microbatches)
            {
                HeldBytes = args.Has("heldBytes") ? args.Whole("heldBytes") : null,
                MovedBytes = args.Has("movedBytes") ? args.Whole("movedBytes") : 0,
                Sending = args.Has("sending") ? args.Real("sending") : 0,
                WaitedFor = args.Has("waitedFor") ? Action.Parse(args.Text("waitedFor")) : null,
            };
        }
    }
}
