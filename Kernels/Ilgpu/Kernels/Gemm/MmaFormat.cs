namespace AutogradCore.Kernels.Ilgpu;

/// <summary>What factors are rounded to for tensor cores.</summary>
internal interface IMmaFormat
{
    /// <summary>Steps of K per word: two bf16, or one TF32.</summary>
    static abstract int PerWord { get; }

    /// <summary>Rounds four neighbours and puts them at word <paramref name="at"/>.</summary>
    static abstract void Store(ArrayView<Words4> panels, int at, Quad<float> four);

    /// <summary>c + a·b on a 16x8 tile.</summary>
    static abstract Quad<float> Multiply(Quad<float> c, Words4 a, Words2 b);
}
