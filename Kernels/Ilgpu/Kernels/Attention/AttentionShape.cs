namespace AutogradCore.Kernels.Ilgpu;

/// <summary>The sizes of an attention, and which keys a query sees.  q:[B,T,H,D]  k, v:[B,S,G,D]</summary>
internal struct AttentionShape
{
    /// <summary>T: queries.</summary>
    public int Queries;

    /// <summary>S: keys.</summary>
    public int Keys;

    /// <summary>H: heads of queries.</summary>
    public int Heads;

    /// <summary>G: heads of keys and values.</summary>
    public int KeyHeads;

    /// <summary>D: the size of a head.</summary>
    public int Size;

    /// <summary>1 where a query sees no key behind its own place.</summary>
    public int Causal;

    /// <summary>The sizes of these operands.</summary>
    public static AttentionShape Of(in View q, in View k, AttentionOptions options) => new()
    {
        Queries = q.Shape[1],
        Keys = k.Shape[1],
        Heads = q.Shape[2],
        KeyHeads = k.Shape[2],
        Size = q.Shape[3],
        Causal = options.Causal ? 1 : 0,
    };

    /// <summary>How many keys query <paramref name="i"/> sees: the first so many.</summary>
    public readonly int Seen(int i)
    {
        if (Causal == 0) return Keys;
        int seen = i + Keys - Queries + 1;
        return seen < 0 ? 0 : seen > Keys ? Keys : seen;
    }

    /// <summary>The first query that sees key <paramref name="s"/>.</summary>
    public readonly int FirstSeeing(int s)
    {
        int first = s - Keys + Queries;
        return Causal == 0 || first < 0 ? 0 : first;
    }

    /// <summary>Where the row of a query begins.</summary>
    public readonly long Query(int batch, int i, int head) => (((long)batch * Queries + i) * Heads + head) * Size;

    /// <summary>Where the row of a key begins.</summary>
    public readonly long Key(int batch, int s, int keyHead) => (((long)batch * Keys + s) * KeyHeads + keyHead) * Size;

    /// <summary>Where the log-sum of a query stands in [B,H,T].</summary>
    public readonly long Row(int batch, int head, int i) => ((long)batch * Heads + head) * Queries + i;

    /// <summary>Whether query <paramref name="i"/> sees key <paramref name="s"/>; neither need exist.</summary>
    public readonly bool Sees(int i, int s) => i < Queries && s < Keys && (Causal == 0 || s <= i + Keys - Queries);

    /// <summary>Whether each of so many queries from <paramref name="i"/> on sees each of so many keys from
    /// <paramref name="s"/> on, and all of them exist.</summary>
    public readonly bool SeesAll(int i, int queries, int s, int keys) => i + queries <= Queries && s + keys <= Seen(i);
}
