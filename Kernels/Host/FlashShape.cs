namespace AutogradCore.Kernels.Host;

/// <summary>Sizes of one attention call.  q:[B,T,Hq,D]  k,v:[B,S,Hkv,D]; Hq is a multiple of Hkv.</summary>
/// <param name="Batch">B.</param>
/// <param name="Queries">T.</param>
/// <param name="Keys">S.</param>
/// <param name="QueryHeads">Hq; query head h reads key head h / (Hq / Hkv).</param>
/// <param name="KeyHeads">Hkv.</param>
/// <param name="HeadSize">D.</param>
/// <param name="Causal">Query i sees keys j &lt;= i + S - T: the mask is aligned to the end.</param>
/// <param name="Scale">Factor on the scores, usually 1/√D.</param>
internal readonly record struct FlashShape(
    int Batch, int Queries, int Keys, int QueryHeads, int KeyHeads, int HeadSize, bool Causal, double Scale)
{
    /// <summary>Query heads that share a key head.</summary>
    public int Group => QueryHeads / KeyHeads;

    /// <summary>How many of the keys query <paramref name="query"/> sees, from the first on.</summary>
    public int Visible(int query) => Causal ? Math.Clamp(query + 1 + Keys - Queries, 0, Keys) : Keys;

    /// <summary>Whether the queries from <paramref name="query"/> on see fewer than <paramref name="keys"/> keys
    /// at first.</summary>
    public bool Cuts(int query, int keys) => Visible(query) < keys;

    /// <summary>How many of some queries, the first being <paramref name="query"/>, come before one that sees
    /// <paramref name="key"/>.</summary>
    public int FirstSeeing(int key, int query, int rows) => Math.Clamp(key - (Keys - Queries) - query, 0, rows);
}
