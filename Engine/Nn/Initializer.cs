using System.Numerics;

namespace AutogradCore;

/// <summary>How a parameter's first values are drawn. Value i depends on the parameter's name, the seed and i only, so a model
/// split over stages starts with the same bits as one that is not.</summary>
public sealed class Initializer
{
    private readonly Func<RandomStream, int, double> _value;

    private Initializer(string name, Func<RandomStream, int, double> value) => (Name, _value) = (name, value);

    /// <summary>A short description: <c>normal(0.02)</c>.</summary>
    public string Name { get; }

    /// <summary>All zeros.</summary>
    public static Initializer Zeros { get; } = Constant(0);

    /// <summary>All ones.</summary>
    public static Initializer Ones { get; } = Constant(1);

    /// <summary>Every element the same.</summary>
    /// <exception cref="ModelException">The value is not finite.</exception>
    public static Initializer Constant(double value)
    {
        Ranges.Finite("The value of a constant initializer", value);
        return new($"constant({value})", (_, _) => value);
    }

    /// <summary>Normal with mean 0 and the given standard deviation.</summary>
    /// <exception cref="ModelException">The deviation is negative or not finite.</exception>
    public static Initializer Normal(double deviation)
    {
        Ranges.NotNegative("The deviation of a normal initializer", deviation);
        return new($"normal({deviation})", (r, i) => deviation * r.Normal(i));
    }

    /// <summary>Uniform in [-bound, bound).</summary>
    /// <exception cref="ModelException">The bound is negative or not finite.</exception>
    public static Initializer Uniform(double bound)
    {
        Ranges.NotNegative("The bound of a uniform initializer", bound);
        return new($"uniform({bound})", (r, i) => bound * (2 * r.UniformDouble(i) - 1));
    }

    /// <summary>Draws the values of <paramref name="tensor"/> (Float32 or Float64).</summary>
    internal void Fill(Tensor tensor, ulong key)
    {
        if (tensor.DType == DType.Float64) Fill<double>(tensor, key);
        else Fill<float>(tensor, key);
    }

    private void Fill<T>(Tensor tensor, ulong key) where T : unmanaged, IFloatingPointIeee754<T>
    {
        RandomStream stream = new(key, 0);
        T[] values = new T[tensor.Shape.ElementCount];
        for (int i = 0; i < values.Length; i++) values[i] = T.CreateTruncating(_value(stream, i));
        tensor.CopyFrom<T>(values);
    }
}
