namespace AutogradCore.Pipeline;

/// <summary>An action, or one W for several consecutive microbatches.</summary>
internal readonly record struct WorkItem(Action Action, int Microbatches = 1);

/// <summary>In what order a rank works without flushes: 1F1B that runs on from batch to batch, or a list.</summary>
internal static class ContinuousOrder
{
    /// <summary>1F1B (arXiv 2006.09503): stage s of N keeps N - s microbatches in flight, across batches, until the stream ends;
    /// U follows the last backward of a batch.</summary>
    /// <param name="stage">s.</param>
    /// <param name="stages">N.</param>
    /// <param name="microbatches">Microbatches in a batch.</param>
    /// <param name="weights">Off: B; Eager: each W right after its I; End and Fill: all W of a batch after its last I.</param>
    /// <param name="fuse">Whether those W are one piece of work.</param>
    /// <param name="hasBatch">Whether there is a batch of a number; asked in order.</param>
    public static IEnumerable<WorkItem> OneForwardOneBackward(int stage, int stages, int microbatches, TwoStage weights,
        bool fuse, Func<int, bool> hasBatch)
    {
        int forwards = 0, backwards = 0;
        while (true)
        {
            while (forwards < backwards + stages - stage && hasBatch(forwards / microbatches))
                yield return new(new(stage, ActionKind.Forward, forwards++));
            if (backwards == forwards) yield break;
            ActionKind kind = weights == TwoStage.Off ? ActionKind.Backward : ActionKind.BackwardInputs;
            Action backward = new(stage, kind, backwards++);
            yield return new(backward);
            if (weights == TwoStage.Eager) yield return new(backward.As(ActionKind.BackwardWeights));
            if (backwards % microbatches != 0) continue;
            Action first = new(stage, ActionKind.BackwardWeights, backwards - microbatches);
            bool late = weights is TwoStage.End or TwoStage.Fill;
            if (late && fuse) yield return new(first, microbatches);
            for (int m = 0; late && !fuse && m < microbatches; m++)
                yield return new(first with { Microbatch = first.Microbatch + m });
            yield return new(new(stage, ActionKind.Update, backwards / microbatches - 1));
        }
    }

    /// <summary>A rank's list, with adjacent W of consecutive microbatches of one batch in one piece.</summary>
    public static IEnumerable<WorkItem> Of(Schedule schedule, int rank, int microbatches, bool fuse)
    {
        for (int i = 0; i < schedule[rank].Length; i++)
        {
            Action first = schedule[rank][i];
            int count = 1;
            while (fuse && first.Kind == ActionKind.BackwardWeights && i + 1 < schedule[rank].Length
                && schedule[rank][i + 1] == first with { Microbatch = first.Microbatch + count }
                && (first.Microbatch + count) % microbatches != 0)
            {
                count++;
                i++;
            }
            yield return new(first, count);
        }
    }
}
