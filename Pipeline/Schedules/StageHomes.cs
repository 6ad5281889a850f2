using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace AutogradCore.Pipeline;

/// <summary>Finds the rank each stage lives on.</summary>
internal static class StageHomes
{
    /// <summary>The rank with most of a stage's actions, so that a stray one does not move it; ties go to the lower
    /// rank.</summary>
    internal static int[] Of(ImmutableArray<ImmutableArray<Action>> actions, int stages)
    {
        var home = new int[stages];
        var most = new int[stages];
        Array.Fill(home, -1);
        var counts = new Dictionary<int, int>();
        for (var rank = 0; rank < actions.Length; rank++)
        {
            counts.Clear();
            foreach (var action in actions[rank])
                CollectionsMarshal.GetValueRefOrAddDefault(counts, action.Stage, out _)++;
            foreach (var (stage, count) in counts)
                if (count > most[stage])
                    (home[stage], most[stage]) = (rank, count);
        }
        return home;
    }
}
