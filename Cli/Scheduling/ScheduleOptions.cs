using System.CommandLine;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>The options by which the schedule commands say what they mean; the same words and defaults everywhere.</summary>
internal sealed class ScheduleOptions
{
    private readonly Option<string?> _schedule = new("--schedule")
    {
        Description = $"A CSV file in PyTorch's layout, or one of {string.Join(", ", Schedules.Names)}. Default: 1f1b.",
    };

    private readonly Option<int?> _stages = new("--stages") { Description = "Ranks, the depth of the pipeline. Default: 4." };

    private readonly Option<int?> _microbatches =
        new("--microbatches") { Description = "Microbatches per batch. Default: twice the stages." };

    private readonly Option<int?> _chunks =
        new("--chunks") { Description = "Stages per rank. Default: as the schedule is defined." };

    private readonly Option<int?> _batches =
        new("--batches") { Description = "Batches in the list, for schedules without a flush. Default: 1." };

    private readonly Option<string> _twoStage = new("--two-stage")
    {
        Description = "Whether the backward pass is split, and where weight gradients go: off, end, fill or eager.",
        DefaultValueFactory = _ => "off",
    };

    private readonly Option<string?> _memoryCap = new("--memory-cap") { Description = MemoryCapText.Help };

    private readonly Option<string> _costs = new("--costs")
    {
        Description = "F,I,W of a rank's part of the model, which its stages share equally; or F,I,W;F,I,W;... stage by stage; "
            + "or @profile.json.",
        DefaultValueFactory = _ => "1,1,1",
    };

    private readonly Option<bool> _rendezvous = new("--rendezvous")
    {
        Description = "Transfers block: a SEND waits for its RECV, and both ranks do nothing else meanwhile. "
            + "Without it a RECV is posted, and the F, I or B that reads the data waits.",
    };

    private readonly Option<double?> _comm =
        new("--comm") { Description = "The time of a transfer between two ranks. Default: 0, or as profiled." };

    /// <summary>Adds the options that say which schedule.</summary>
    public void AddSource(Command command, bool named = true)
    {
        foreach (Option option in new Option[] { _schedule, _stages, _microbatches, _chunks, _batches })
            if (named || option != _schedule) command.Add(option);
    }

    /// <summary>Adds the options that split it.</summary>
    public void AddSplit(Command command)
    {
        command.Add(_twoStage);
        command.Add(_memoryCap);
    }

    /// <summary>Adds the memory cap alone.</summary>
    public void AddCap(Command command) => command.Add(_memoryCap);

    /// <summary>Adds the options that say what its actions cost.</summary>
    public void AddCosts(Command command)
    {
        command.Add(_costs);
        command.Add(_comm);
        command.Add(_rendezvous);
    }

    /// <summary>Whether a schedule was named.</summary>
    public bool IsNamed(ParseResult parsed) => parsed.GetValue(_schedule) is not null;

    /// <summary>What was asked for; options that the command does not have keep their defaults.</summary>
    public ScheduleRequest Of(ParseResult parsed)
    {
        bool Has(Option option) => parsed.CommandResult.Command.Options.Contains(option);
        ScheduleRequest request = new();
        return request with
        {
            Schedule = (Has(_schedule) ? parsed.GetValue(_schedule) : null) ?? request.Schedule,
            Stages = parsed.GetValue(_stages),
            Microbatches = parsed.GetValue(_microbatches),
            Chunks = parsed.GetValue(_chunks),
            Batches = parsed.GetValue(_batches),
            TwoStage = Has(_twoStage) ? parsed.GetValue(_twoStage)! : request.TwoStage,
            MemoryCap = Has(_memoryCap) ? parsed.GetValue(_memoryCap) : null,
            Costs = Has(_costs) ? parsed.GetValue(_costs)! : request.Costs,
            Comm = Has(_comm) ? parsed.GetValue(_comm) : null,
            Rendezvous = Has(_rendezvous) && parsed.GetValue(_rendezvous),
        };
    }
}
