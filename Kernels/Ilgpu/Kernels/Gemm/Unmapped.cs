namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = x: the function of a product that nobody maps.</summary>
internal readonly struct Unmapped : IUnary<Unmapped>
{
    static T IUnary<Unmapped>.Apply<T>(T x) => x;
}
