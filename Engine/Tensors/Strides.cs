using System.Runtime.CompilerServices;

namespace AutogradCore;

/// <summary>How many elements lie between neighbours along each axis of a <see cref="View"/>;
/// 0 repeats the same element.</summary>
[InlineArray(Shape.MaxRank)]
public struct Strides
{
    private int _first;

    /// <summary>The strides of a row-major tensor without gaps.</summary>
    public static Strides Dense(in Shape shape)
    {
        Strides strides = default;
        int step = 1;
        for (int i = shape.Rank - 1; i >= 0; i--)
        {
            strides[i] = step;
            step *= Math.Max(shape[i], 1);
        }
        return strides;
    }
}
