using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace AutogradCore.Pipeline;

/// <summary>Finds the rank each stage lives on.</summary>
internal static class StageHomes
{
    /// <summary>The rank with most of a stage's F, I, W and B, so that stray actions do not move it. Ties go to the rank with
    /// more of its other actions, then to the lower rank.</summary>
    internal static int[] Of(ImmutableArray<ImmutableArray<Action>> actions, int stages)
    {
        var home = new int[stages];
        var most = new long[stages];
        Array.Fill(home, -1);
        var counts = new Dictionary<int, long>();
        for (var rank = 0; rank < actions.Length; rank++)
        {
            counts.Clear();
            foreach (var action in actions[rank])
                CollectionsMarshal.GetValueRefOrAddDefault(counts, action.Stage, out _) += action.Kind.IsCompute() ? 1L << 32 : 1;
            foreach (var (stage, count) in counts)
                if (count > most[stage])
                    (home[stage], most[stage]) = (rank, count);
        }
        return home;
    }
}
