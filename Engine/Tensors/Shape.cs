using System.Collections;
using System.Runtime.CompilerServices;

namespace AutogradCore;

/// <summary>The lengths of a tensor's axes, outermost first; at most <see cref="MaxRank"/> of them.
/// A scalar is <c>[]</c>.</summary>
/// <remarks>A value type without references, so shapes cost no allocation.
/// Collection expressions build one: <c>[8, 512]</c>.</remarks>
[CollectionBuilder(typeof(Shape), nameof(Of))]
public readonly struct Shape : IEquatable<Shape>, IReadOnlyList<int>
{
    /// <summary>The largest number of axes a tensor can have.</summary>
    public const int MaxRank = 6;

    private readonly Axes _axes;

    private Shape(in Axes axes, int rank) => (_axes, Rank) = (axes, rank);

    /// <summary>The number of axes; 0 for a scalar.</summary>
    public int Rank { get; }

    /// <summary>The shape of a scalar.</summary>
    public static Shape Scalar => default;

    /// <summary>Builds a shape from axis lengths.</summary>
    /// <exception cref="ShapeMismatchException">More than <see cref="MaxRank"/> axes, a negative length,
    /// or more than 2^31-1 elements.</exception>
    public static Shape Of(params ReadOnlySpan<int> lengths)
    {
        if (lengths.Length > MaxRank)
            throw new ShapeMismatchException(
                $"A shape of {lengths.Length} axes exceeds the limit of {MaxRank}.", "merge axes with Reshape");
        Axes axes = default;
        long count = lengths.Contains(0) ? 0 : 1;
        for (int i = 0; i < lengths.Length; i++)
        {
            if (lengths[i] < 0)
                throw new ShapeMismatchException($"Axis {i} of [{Join(lengths)}] is negative.");
            axes[i] = lengths[i];
            count *= lengths[i];
            if (count > int.MaxValue)
                throw new ShapeMismatchException(
                    $"[{Join(lengths)}] has more than 2^31-1 elements.", "split the tensor, or use smaller microbatches");
        }
        return new Shape(axes, lengths.Length);
    }

    /// <summary>The length of an axis; <c>^1</c> is the innermost.</summary>
    public int this[Index axis] => this[axis.GetOffset(Rank)];

    /// <summary>The length of axis <paramref name="axis"/>, counted from the outermost.</summary>
    public int this[int axis] => (uint)axis < (uint)Rank
        ? _axes[axis]
        : throw new ArgumentOutOfRangeException(nameof(axis), $"Axis {axis} of {this}, which has {Rank}.");

    /// <summary>The number of elements: the product of the lengths, 1 for a scalar.</summary>
    public int ElementCount
    {
        get
        {
            int count = 1;
            for (int i = 0; i < Rank; i++) count *= _axes[i];
            return count;
        }
    }

    int IReadOnlyCollection<int>.Count => Rank;

    /// <summary>Elements in all axes but the last: the rows of a matrix of vectors. 1 for a scalar.</summary>
    public int Rows => Rank == 0 ? 1 : Take(Rank - 1).ElementCount;

    /// <summary>The length of the innermost axis; 1 for a scalar.</summary>
    public int Last => Rank == 0 ? 1 : _axes[Rank - 1];

    /// <summary>The first <paramref name="rank"/> axes.</summary>
    public Shape Take(int rank)
    {
        Axes axes = default;
        for (int i = 0; i < rank; i++) axes[i] = this[i];
        return new Shape(axes, rank);
    }

    /// <summary>The axes from <paramref name="first"/> on.</summary>
    public Shape Skip(int first)
    {
        Axes axes = default;
        for (int i = first; i < Rank; i++) axes[i - first] = _axes[i];
        return new Shape(axes, Rank - first);
    }

    /// <summary>This shape with one axis more at the inner end.</summary>
    public Shape Append(int length)
    {
        Span<int> lengths = stackalloc int[Rank + 1];
        for (int i = 0; i < Rank; i++) lengths[i] = _axes[i];
        lengths[Rank] = length;
        return Of(lengths);
    }

    /// <summary>This shape with the length of one axis replaced.</summary>
    public Shape With(int axis, int length)
    {
        Span<int> lengths = stackalloc int[Rank];
        for (int i = 0; i < Rank; i++) lengths[i] = i == axis ? length : _axes[i];
        return Of(lengths);
    }

    /// <summary>This shape with two axes exchanged.</summary>
    public Shape Swap(int a, int b)
    {
        Axes axes = _axes;
        (axes[a], axes[b]) = (this[b], this[a]);
        return new Shape(axes, Rank);
    }

    /// <summary>A non-negative axis number from one that may count from the end (-1 is the innermost).</summary>
    /// <exception cref="ShapeMismatchException">No such axis.</exception>
    public int Axis(int axis)
    {
        int positive = axis < 0 ? axis + Rank : axis;
        return (uint)positive < (uint)Rank
            ? positive
            : throw new ShapeMismatchException($"Axis {axis} does not exist in {this}, which has {Rank} axes.");
    }

    /// <summary>The shape two operands broadcast to (axes aligned at the inner end; 1 stretches),
    /// or null when they do not.</summary>
    public static Shape? Broadcast(in Shape a, in Shape b)
    {
        int rank = Math.Max(a.Rank, b.Rank);
        Span<int> lengths = stackalloc int[rank];
        for (int i = 1; i <= rank; i++)
        {
            int m = i <= a.Rank ? a._axes[a.Rank - i] : 1, n = i <= b.Rank ? b._axes[b.Rank - i] : 1;
            if (m != n && m != 1 && n != 1) return null;
            lengths[rank - i] = m == 1 ? n : m;
        }
        return Of(lengths);
    }

    /// <inheritdoc/>
    public bool Equals(Shape other)
    {
        if (Rank != other.Rank) return false;
        for (int i = 0; i < Rank; i++)
            if (_axes[i] != other._axes[i]) return false;
        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        for (int i = 0; i < Rank; i++) hash.Add(_axes[i]);
        return hash.ToHashCode();
    }

    /// <summary>Whether rank and every length agree.</summary>
    public static bool operator ==(Shape a, Shape b) => a.Equals(b);

    /// <summary>Whether rank or a length differs.</summary>
    public static bool operator !=(Shape a, Shape b) => !a.Equals(b);

    /// <summary>The lengths as an array, for file formats and other libraries.</summary>
    public int[] ToArray()
    {
        int[] lengths = new int[Rank];
        for (int i = 0; i < Rank; i++) lengths[i] = _axes[i];
        return lengths;
    }

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)ToArray()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The shape as it is written in messages: <c>[8,512]</c>.</summary>
    public override string ToString() => $"[{Join(ToArray())}]";

    private static string Join(ReadOnlySpan<int> lengths) => string.Join(',', lengths.ToArray());

    [InlineArray(MaxRank)]
    private struct Axes
    {
        private int _first;
    }
}
