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

    /// <summary>The upper half of a single: storage for weights and activations on GPUs. Every verb computes with it in single
    /// precision, and rounds its result once.</summary>
    BFloat16,
}

/// <summary>Facts about element types.</summary>
public static class DTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this DType dtype) => dtype switch
    {
        DType.Float32 or DType.Int32 => 4,
        DType.Float64 => 8,
        DType.BFloat16 => 2,
        _ => 1,
    };

    /// <summary>Whether values of this type can carry a gradient.</summary>
    public static bool IsFloating(this DType dtype) => dtype is DType.Float32 or DType.Float64 or DType.BFloat16;

    /// <summary>The type of what a row is measured by, whatever the type of the row: a norm's mean and factor, the logarithm of a
    /// sum of exponentials. They are subtracted from elements later, where a rounded one would be wrong by more than the
    /// difference.</summary>
    public const DType Statistics = DType.Float64;

    /// <summary>The type of the sums of numbers of a floating type, such as losses and gradients of weights: single for
    /// <see cref="DType.BFloat16"/>, else the type itself.</summary>
    public static DType Sums(this DType dtype) => dtype == DType.BFloat16 ? DType.Float32 : dtype;

    /// <summary>The element type that stores <typeparamref name="T"/>: float, double, int,
    /// <see cref="BFloat16"/>, and byte or bool for masks.</summary>
    /// <exception cref="DTypeException"><typeparamref name="T"/> is none of these.</exception>
    public static DType Of<T>() where T : unmanaged =>
        typeof(T) == typeof(float) ? DType.Float32
        : typeof(T) == typeof(double) ? DType.Float64
        : typeof(T) == typeof(int) ? DType.Int32
        : typeof(T) == typeof(BFloat16) ? DType.BFloat16
        : typeof(T) == typeof(byte) || typeof(T) == typeof(bool) ? DType.Bool
        : throw new DTypeException($"No tensor element type stores {typeof(T).Name}.",
            "use float, double, BFloat16, int or byte");
}
