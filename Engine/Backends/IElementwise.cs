using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore;

/// <summary>A function of one number, as a type: <c>y = f(x)</c>, run over tensors by <see cref="IBackend.Map{TOp}"/>.</summary>
/// <remarks>The scalar form is the specification. The vector form may be left out: lanes are then computed one by one.</remarks>
public interface IUnary
{
    /// <summary>f(x) for one element.</summary>
    static abstract T Apply<T>(T x) where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>f for one vector of elements; each lane must hold what any other lane would for the same x.</summary>
    static virtual Vector512<T> Apply<T, TOp>(Vector512<T> x)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, IUnary
    {
        Unsafe.SkipInit(out Vector512<T> y);
        for (int i = 0; i < Vector512<T>.Count; i++) y = y.WithElement(i, TOp.Apply(x[i]));
        return y;
    }
}

/// <summary>A function of two numbers, as a type: <c>y = f(a, b)</c>, run over tensors by <see cref="IBackend.Zip{TOp}"/>.</summary>
/// <remarks>Also the form of a unary function's gradient: <c>dx = f(x or y, dy)</c>.</remarks>
public interface IBinary
{
    /// <summary>f(a, b) for one pair of elements.</summary>
    static abstract T Apply<T>(T a, T b) where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>f for vectors of elements; each lane must hold what any other lane would for the same pair.</summary>
    static virtual Vector512<T> Apply<T, TOp>(Vector512<T> a, Vector512<T> b)
        where T : unmanaged, IFloatingPointIeee754<T> where TOp : struct, IBinary
    {
        Unsafe.SkipInit(out Vector512<T> y);
        for (int i = 0; i < Vector512<T>.Count; i++) y = y.WithElement(i, TOp.Apply(a[i], b[i]));
        return y;
    }
}
