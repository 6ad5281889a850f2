namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Overwrites the elements of a tile whose query does not see the key.</summary>
internal static class AttentionMask
{
    /// <summary>Rows are queries, from <paramref name="i"/> and from 32 further on; columns are keys from
    /// <paramref name="s"/>.</summary>
    public static void OfKeys(ref AttentionTile tile, AttentionShape at, int i, int s, float hidden)
    {
        const int half = AttentionStage.Block / 2;
        tile.R0 = Row(tile.R0, at, i, s, hidden);
        tile.R1 = Row(tile.R1, at, i + 1, s, hidden);
        tile.R2 = Row(tile.R2, at, i + 2, s, hidden);
        tile.R3 = Row(tile.R3, at, i + 3, s, hidden);
        tile.R4 = Row(tile.R4, at, i + half, s, hidden);
        tile.R5 = Row(tile.R5, at, i + half + 1, s, hidden);
        tile.R6 = Row(tile.R6, at, i + half + 2, s, hidden);
        tile.R7 = Row(tile.R7, at, i + half + 3, s, hidden);
    }

    /// <summary>Rows are keys, from <paramref name="s"/> and from 32 further on; columns are queries
    /// from <paramref name="i"/>.</summary>
    public static void OfQueries(ref AttentionTile tile, AttentionShape at, int s, int i)
    {
        const int half = AttentionStage.Block / 2;
        tile.R0 = Column(tile.R0, at, s, i);
        tile.R1 = Column(tile.R1, at, s + 1, i);
        tile.R2 = Column(tile.R2, at, s + 2, i);
        tile.R3 = Column(tile.R3, at, s + 3, i);
        tile.R4 = Column(tile.R4, at, s + half, i);
        tile.R5 = Column(tile.R5, at, s + half + 1, i);
        tile.R6 = Column(tile.R6, at, s + half + 2, i);
        tile.R7 = Column(tile.R7, at, s + half + 3, i);
    }

    private static Quad<float> Row(Quad<float> row, AttentionShape at, int i, int s, float hidden) => new()
    {
        X = at.Sees(i, s) ? row.X : hidden,
        Y = at.Sees(i, s + 1) ? row.Y : hidden,
        Z = at.Sees(i, s + 2) ? row.Z : hidden,
        W = at.Sees(i, s + 3) ? row.W : hidden,
    };

    private static Quad<float> Column(Quad<float> row, AttentionShape at, int s, int i) => new()
    {
        X = at.Sees(i, s) ? row.X : 0,
        Y = at.Sees(i + 1, s) ? row.Y : 0,
        Z = at.Sees(i + 2, s) ? row.Z : 0,
        W = at.Sees(i + 3, s) ? row.W : 0,
    };
}
