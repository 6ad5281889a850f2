namespace AutogradCore.Pipeline;

/// <summary>Which stage is chunk c of rank r, when N ranks have several stages each.</summary>
internal static class Placement
{
    /// <summary>In a loop: the last stage of one round of ranks is followed by rank 0; stage s lives on rank s mod N.</summary>
    internal static int Loop(int rank, int chunk, int ranks) => chunk * ranks + rank;

    /// <summary>In a V of two chunks: down the ranks and up again, so that rank 0 has the first stage and the last.</summary>
    internal static int V(int rank, int chunk, int ranks) => chunk == 0 ? rank : 2 * ranks - 1 - rank;
}
