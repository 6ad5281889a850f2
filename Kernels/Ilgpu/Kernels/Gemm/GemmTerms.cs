namespace AutogradCore.Kernels.Ilgpu;

/// <summary>The factors of up to eight products, written out: kernels cannot index fields.</summary>
internal struct GemmTerms<TStored> where TStored : unmanaged
{
    /// <summary>The most terms of one launch.</summary>
    public const int Most = 8;

    public GemmFactors<TStored> Term0, Term1, Term2, Term3, Term4, Term5, Term6, Term7;

    /// <summary>A term by its number.</summary>
    public readonly GemmFactors<TStored> Term(int i) =>
        i == 0 ? Term0 : i == 1 ? Term1 : i == 2 ? Term2 : i == 3 ? Term3
        : i == 4 ? Term4 : i == 5 ? Term5 : i == 6 ? Term6 : Term7;

    /// <summary>Sets a term by its number, on the host.</summary>
    public void Set(int i, in GemmFactors<TStored> term)
    {
        switch (i)
        {
            case 0: Term0 = term; break;
            case 1: Term1 = term; break;
            case 2: Term2 = term; break;
            case 3: Term3 = term; break;
            case 4: Term4 = term; break;
            case 5: Term5 = term; break;
            case 6: Term6 = term; break;
            default: Term7 = term; break;
        }
    }
}
