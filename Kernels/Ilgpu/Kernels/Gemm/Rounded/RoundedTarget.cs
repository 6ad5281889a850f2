namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Where the sums of a product of <see cref="BFloat16"/> go, and what is added on the way, in floats: the sum, what C
/// held, bias; then it is rounded. A residual is added to the rounded sum, so that the bits are those of a sum apart.</summary>
internal struct RoundedTarget<TStored> where TStored : unmanaged
{
    public ArrayView<TStored> C, Y, Residual;
    public ArrayView<float> Bias;
    public int M, N, Adds, HasBias, HasResidual, Maps;

    /// <summary>1 where two elements of a row that start at a multiple of two are one aligned word, or pair of floats, in every
    /// operand, and rows are whole pairs.</summary>
    public int IsAligned;

    /// <summary>Puts one sum into its place.</summary>
    public readonly void Put<TStorage>(int at, int row, int column, float sum, bool first, bool last)
        where TStorage : struct, IFloatStorage<TStored>
    {
        if (row >= M || column >= N) return;
        int i = at + row * N + column;
        float value = sum;
        if (Adds != 0 || !first) value = TStorage.Load(C[i]) + sum;
        if (last && HasBias != 0) value += Bias[column];
        if (last && HasResidual != 0) value = TStorage.Load(TStorage.Store(value)) + TStorage.Load(Residual[i]);
        C[i] = TStorage.Store(value);
    }

    /// <summary>Puts two neighbouring sums into their places; the first column is even.</summary>
    public readonly void PutPair<TStorage>(int at, int row, int column, float x, float y, bool first, bool last)
        where TStorage : struct, IFloatStorage<TStored>
    {
        if (row >= M || column >= N) return;
        if (IsAligned == 0)
        {
            for (int i = 0; i < 2; i++) Put<TStorage>(at, row, column + i, i == 0 ? x : y, first, last); // half the code
            return;
        }
        int pair = (at + row * N + column) >> 1;
        Pair<float> value = new() { X = x, Y = y };
        if (Adds != 0 || !first) value = TStorage.LoadPair(C, pair).Plus(value);
        if (last && HasBias != 0) value = value.Plus(Bias.Cast<Pair<float>>()[column >> 1]);
        if (last && HasResidual != 0)
        {
            Pair<float> rest = TStorage.LoadPair(Residual, pair);
            value.X = TStorage.Load(TStorage.Store(value.X)) + rest.X;
            value.Y = TStorage.Load(TStorage.Store(value.Y)) + rest.Y;
        }
        TStorage.StorePair(C, pair, value);
    }

    /// <summary>y = f(C) of one finished element, as it was rounded.</summary>
    public readonly void Map<TOp, TStorage>(int at, int row, int column)
        where TOp : struct, IUnary<TOp>
        where TStorage : struct, IFloatStorage<TStored>
    {
        if (row >= M || column >= N) return;
        int i = at + row * N + column;
        Y[i] = TStorage.Store(TOp.Apply(TStorage.Load(C[i])));
    }
}
