using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore;

/// <summary>A function of one number, as a type: <c>y = f(x)</c>, run over tensors by <see cref="IBackend.Map{TOp}"/>.</summary>
/// <typeparam name="TSelf">The implementing struct itself.</typeparam>
/// <remarks>The scalar form is the specification. The vector form may be left out: lanes are then computed one by one.</remarks>
public interface IUnary<TSelf> where TSelf : struct, IUnary<TSelf>
{
    /// <summary>f(x) for one element.</summary>
    static abstract T Apply<T>(T x) where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>f for one vector; a lane's result may depend on that lane alone.</summary>
    static virtual Vector512<T> ApplyLanes<T>(Vector512<T> x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        Unsafe.SkipInit(out Vector512<T> y);
        for (int i = 0; i < Vector512<T>.Count; i++) y = y.WithElement(i, TSelf.Apply(x[i]));
        return y;
    }
}

/// <summary>A function of two numbers, as a type: <c>y = f(a, b)</c>,
/// run over tensors by <see cref="IBackend.Zip{TOp}"/>.</summary>
/// <typeparam name="TSelf">The implementing struct itself.</typeparam>
/// <remarks>Also the form of a unary function's gradient: <c>dx = f(x or y, dy)</c>.</remarks>
public interface IBinary<TSelf> where TSelf : struct, IBinary<TSelf>
{
    /// <summary>f(a, b) for one pair of elements.</summary>
    static abstract T Apply<T>(T a, T b) where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>f for vectors; a lane's result may depend on that lane alone.</summary>
    static virtual Vector512<T> ApplyLanes<T>(Vector512<T> a, Vector512<T> b) where T : unmanaged, IFloatingPointIeee754<T>
    {
        Unsafe.SkipInit(out Vector512<T> y);
        for (int i = 0; i < Vector512<T>.Count; i++) y = y.WithElement(i, TSelf.Apply(a[i], b[i]));
        return y;
    }
}
