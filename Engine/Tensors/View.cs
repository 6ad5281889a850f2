using System.Diagnostics.CodeAnalysis;

namespace AutogradCore;

/// <summary>A shaped window onto a buffer: what kernels read and write. It owns nothing and cannot be disposed.</summary>
public readonly struct View
{
    private readonly Strides _strides;

    /// <summary>A dense row-major view of a whole buffer.</summary>
    public View(Buffer buffer, DType dtype, in Shape shape) : this(buffer, dtype, shape, 0, Strides.Dense(shape))
    {
    }

    private View(Buffer buffer, DType dtype, in Shape shape, int offset, in Strides strides)
    {
        (Buffer, DType, Shape, Offset, _strides) = (buffer, dtype, shape, offset, strides);
    }

    /// <summary>The memory underneath; null in an absent view.</summary>
    public Buffer? Buffer { get; }

    /// <summary>The element type.</summary>
    public DType DType { get; }

    /// <summary>The lengths of the axes.</summary>
    public Shape Shape { get; }

    /// <summary>Elements before the first one.</summary>
    public int Offset { get; }

    /// <summary>Whether there is a tensor here at all: optional operands such as a bias may be absent.</summary>
    [MemberNotNullWhen(true, nameof(Buffer))]
    public bool Exists => Buffer is not null;

    /// <summary>Bytes of the elements.</summary>
    public long Bytes => (long)Shape.ElementCount * DType.Size();

    /// <summary>The distance in elements between neighbours along an axis.</summary>
    public int Stride(int axis) => _strides[axis];

    /// <summary>Whether the elements lie in row-major order without gaps, as no elements at all always do.</summary>
    public bool IsDense
    {
        get
        {
            if (Shape.ElementCount == 0) return true;
            int step = 1;
            for (int i = Shape.Rank - 1; i >= 0; i--)
            {
                if (Shape[i] != 1 && _strides[i] != step) return false;
                step *= Shape[i];
            }
            return true;
        }
    }

    /// <summary>The matrix transposed: the two inner axes swapped, nothing moved.</summary>
    public View T => Swap(Shape.Rank - 2, Shape.Rank - 1);

    /// <summary>The same elements under another shape; the view must be dense.</summary>
    public View Reshape(in Shape shape)
    {
        if (shape.ElementCount != Shape.ElementCount)
            throw new ShapeMismatchException(
                $"Cannot view {Shape} ({Shape.ElementCount} elements) as {shape} ({shape.ElementCount}).");
        RequireDense();
        return new View(Buffer!, DType, shape, Offset, Strides.Dense(shape));
    }

    /// <summary>The elements from <paramref name="start"/> on, <paramref name="length"/> of them, along one axis.</summary>
    public View Slice(int axis, int start, int length) =>
        new(Buffer!, DType, Shape.With(axis, length), Offset + start * _strides[axis], _strides);

    /// <summary>Two axes exchanged, nothing moved.</summary>
    public View Swap(int a, int b)
    {
        Strides strides = _strides;
        (strides[a], strides[b]) = (strides[b], strides[a]);
        return new View(Buffer!, DType, Shape.Swap(a, b), Offset, strides);
    }

    /// <summary>Stretches axes of length 1, and missing outer axes, to <paramref name="shape"/> by repeating elements.</summary>
    public View BroadcastTo(in Shape shape)
    {
        Strides strides = default;
        int shift = shape.Rank - Shape.Rank;
        for (int i = 0; i < shape.Rank; i++)
        {
            if (i < shift) continue;
            int length = Shape[i - shift];
            if (length != shape[i] && length != 1)
                throw new ShapeMismatchException($"{Shape} does not broadcast to {shape}.");
            strides[i] = length == 1 ? 0 : _strides[i - shift];
        }
        return new View(Buffer!, DType, shape, Offset, strides);
    }

    /// <summary>The elements of a dense view in host memory.</summary>
    /// <exception cref="DTypeException"><typeparamref name="T"/> is not the element type.</exception>
    public unsafe Span<T> Span<T>() where T : unmanaged
    {
        RequireDense();
        return new Span<T>(Pointer<T>(), Shape.ElementCount);
    }

    /// <summary>The address of the first element in host memory.</summary>
    /// <exception cref="DTypeException"><typeparamref name="T"/> is not the element type.</exception>
    /// <exception cref="InvalidOperationException">The view is absent, or its memory is a device's.</exception>
    public unsafe T* Pointer<T>() where T : unmanaged
    {
        if (!Exists) throw new InvalidOperationException("An absent view has no memory.");
        if (DTypes.Of<T>() != DType) throw new DTypeException($"A {DType} view was read as {typeof(T).Name}.",
            "read it as its own type, or Cast it first");
        if (!Buffer.Pool.IsHostMemory)
            throw new InvalidOperationException(
                $"{this} lies in a device's memory, which the host cannot read; use IBackend.Download or Tensor.ToArray.");
        return (T*)Buffer.Pointer + Offset;
    }

    /// <summary>Type and shape as written in messages: <c>Float32[8,512]</c>.</summary>
    public override string ToString() => Exists ? $"{DType}{Shape}" : "absent";

    private void RequireDense()
    {
        if (!IsDense)
            throw new InvalidOperationException(
                $"A strided view of {Shape} was used where a dense one is needed; copy it first.");
    }
}
