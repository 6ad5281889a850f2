using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore;

/// <content>The functions by element type, for code generic over float and double, and the multiply-add that the BCL has
/// not.</content>
public static partial class VectorMath
{
    /// <inheritdoc cref="Exp(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Exp<T>(Vector512<T> x)
        => typeof(T) == typeof(float) ? Exp(x.AsSingle()).As<float, T>() : Exp(x.AsDouble()).As<double, T>();

    /// <inheritdoc cref="Tanh(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Tanh<T>(Vector512<T> x)
        => typeof(T) == typeof(float) ? Tanh(x.AsSingle()).As<float, T>() : Tanh(x.AsDouble()).As<double, T>();

    /// <inheritdoc cref="Sigmoid(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Sigmoid<T>(Vector512<T> x)
        => typeof(T) == typeof(float) ? Sigmoid(x.AsSingle()).As<float, T>() : Sigmoid(x.AsDouble()).As<double, T>();

    /// <inheritdoc cref="Erf(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Erf<T>(Vector512<T> x)
        => typeof(T) == typeof(float) ? Erf(x.AsSingle()).As<float, T>() : Erf(x.AsDouble()).As<double, T>();

    /// <inheritdoc cref="NormalTail(Vector512{float}, out Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> NormalTail<T>(Vector512<T> t, out Vector512<T> density)
    {
        if (typeof(T) == typeof(float))
        {
            Vector512<float> tail = NormalTail(t.AsSingle(), out Vector512<float> floats);
            density = floats.As<float, T>();
            return tail.As<float, T>();
        }
        Vector512<double> wide = NormalTail(t.AsDouble(), out Vector512<double> doubles);
        density = doubles.As<double, T>();
        return wide.As<double, T>();
    }

    /// <inheritdoc cref="Log(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Log<T>(Vector512<T> x)
        => typeof(T) == typeof(float) ? Log(x.AsSingle()).As<float, T>() : Log(x.AsDouble()).As<double, T>();

    /// <summary>a·b + c in each lane with one rounding. Scalar: MathF.FusedMultiplyAdd.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> MultiplyAdd<T>(Vector512<T> a, Vector512<T> b, Vector512<T> c)
        => typeof(T) == typeof(float)
            ? Vector512.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
            : Vector512.FusedMultiplyAdd(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();
}
