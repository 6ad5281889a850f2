namespace AutogradCore;

/// <summary>The element type of a tensor.</summary>
public enum DType
{
    /// <summary>IEEE single precision, the default for training.</summary>
    Float32,

    /// <summary>IEEE double precision, for gradient checks.</summary>
    Float64,

    /// <summary>Signed 32-bit integers: token ids, targets, positions. Never differentiable.</summary>
    Int32,

    /// <summary>One byte an element, 0 or 1: masks. Never differentiable.</summary>
    Bool,
}

/// <summary>Facts about element types.</summary>
public static class DTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this DType dtype) => dtype switch
    {
        DType.Float32 or DType.Int32 => 4,
        DType.Float64 => 8,
        _ => 1,
    };

    /// <summary>Whether values of this type can carry a gradient.</summary>
    public static bool IsFloating(this DType dtype) => dtype is DType.Float32 or DType.Float64;

    /// <summary>The element type that stores <typeparamref name="T"/>: float, double, int, and byte or bool for masks.</summary>
    /// <exception cref="DTypeException"><typeparamref name="T"/> is none of these.</exception>
    public static DType Of<T>() where T : unmanaged =>
        typeof(T) == typeof(float) ? DType.Float32
        : typeof(T) == typeof(double) ? DType.Float64
        : typeof(T) == typeof(int) ? DType.Int32
        : typeof(T) == typeof(byte) || typeof(T) == typeof(bool) ? DType.Bool
        : throw new DTypeException($"No tensor element type stores {typeof(T).Name}.", "use float, double, int or byte");
}
