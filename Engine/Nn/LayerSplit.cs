namespace AutogradCore.Nn;

/// <summary>Cuts a list of layers into pipeline stages.</summary>
public static class LayerSplit
{
    /// <summary>Contiguous, non-empty groups whose largest cost is as small as possible (dynamic programming over cut points);
    /// among equals the first stages get fewer layers.</summary>
    /// <param name="costs">The cost of each layer, finite and 0 or more, in any unit.</param>
    /// <param name="stages">The number of groups.</param>
    /// <returns>The first layer of each stage.</returns>
    /// <exception cref="ModelException">More stages than layers, or fewer than one; or a cost outside its range.</exception>
    public static int[] Balance(ReadOnlySpan<double> costs, int stages)
    {
        int n = costs.Length;
        if (stages < 1 || stages > n)
            throw new ModelException(
                $"{n} layers do not split into {stages} stages.", $"choose 1 to {n} stages, or a deeper model");
        for (int i = 0; i < n; i++) Ranges.NotNegative($"The cost of layer {i}", costs[i]);
        double[] prefix = new double[n + 1];
        for (int i = 0; i < n; i++) prefix[i + 1] = prefix[i] + costs[i];
        double[,] best = new double[stages + 1, n + 1];
        int[,] cut = new int[stages + 1, n + 1];
        for (int i = 1; i <= n; i++) best[1, i] = prefix[i];
        for (int s = 2; s <= stages; s++)
            for (int i = s; i <= n; i++)
            {
                best[s, i] = double.PositiveInfinity;
                for (int j = s - 1; j < i; j++)
                {
                    double worst = Math.Max(best[s - 1, j], prefix[i] - prefix[j]);
                    if (worst < best[s, i]) (best[s, i], cut[s, i]) = (worst, j);
                }
            }
        int[] starts = new int[stages];
        for (int s = stages, i = n; s >= 1; i = cut[s, i], s--) starts[s - 1] = s == 1 ? 0 : cut[s, i];
        return starts;
    }
}
