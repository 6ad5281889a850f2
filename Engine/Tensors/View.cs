namespace AutogradCore;

/// <summary>A shaped window onto a buffer: what kernels read and write. It owns nothing and cannot be disposed.</summary>
public readonly struct View
{
    private readonly Strides _strides;

    /// <summary>A dense row-major view of a buffer, from its start.</summary>
    /// <exception cref="MemoryException">The buffer is too small, or was given back.</exception>
    public View(Buffer buffer, DType dtype, in Shape shape) : this(buffer, dtype, shape, 0, Strides.Dense(shape))
    {
        if (Bytes > buffer.Bytes)
            throw new MemoryException($"{dtype}{shape} takes {Bytes:N0} bytes, but its buffer has {buffer.Bytes:N0}.",
                "rent as many bytes as the elements take");
    }

    private View(Buffer buffer, DType dtype, in Shape shape, int offset, in Strides strides)
    {
        (Buffer, DType, Shape, Offset, _strides) = (buffer.Shared, dtype, shape, offset, strides);
    }

    /// <summary>The memory underneath; none in an absent view.</summary>
    public Buffer Buffer { get; }

    /// <summary>The element type.</summary>
    public DType DType { get; }

    /// <summary>The lengths of the axes.</summary>
    public Shape Shape { get; }

    /// <summary>Elements before the first one.</summary>
    public int Offset { get; }

    /// <summary>Whether there is a tensor here at all: optional operands such as a bias may be absent.</summary>
    public bool Exists => Buffer.Exists;

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
        return new View(Buffer, DType, shape, Offset, Strides.Dense(shape));
    }

    /// <summary>The elements from <paramref name="start"/> on, <paramref name="length"/> of them, along one axis.</summary>
    /// <exception cref="ShapeMismatchException">There is no such axis, or the range lies outside it.</exception>
    public View Slice(int axis, int start, int length)
    {
        RequireAxis(axis);
        if (start < 0 || length < 0 || start > Shape[axis] - length)
            throw new ShapeMismatchException(
                $"[{start}, {start + (long)length}) lies outside axis {axis} of {Shape}, which has length {Shape[axis]}.");
        Shape part = Shape.With(axis, length);
        return new View(Buffer, DType, part, part.ElementCount == 0 ? Offset : Offset + start * _strides[axis], _strides);
    }

    /// <summary>Two axes exchanged, nothing moved.</summary>
    /// <exception cref="ShapeMismatchException">There is no such axis.</exception>
    public View Swap(int a, int b)
    {
        RequireAxis(a);
        RequireAxis(b);
        Strides strides = _strides;
        (strides[a], strides[b]) = (strides[b], strides[a]);
        return new View(Buffer, DType, Shape.Swap(a, b), Offset, strides);
    }

    /// <summary>Stretches axes of length 1, and missing outer axes, to <paramref name="shape"/> by repeating elements.</summary>
    /// <exception cref="ShapeMismatchException">Another length differs, or there are fewer axes.</exception>
    public View BroadcastTo(in Shape shape)
    {
        Strides strides = default;
        int shift = shape.Rank - Shape.Rank;
        if (shift < 0) throw new ShapeMismatchException($"{Shape} does not broadcast to {shape}, which has fewer axes.");
        for (int i = 0; i < shape.Rank; i++)
        {
            if (i < shift) continue;
            int length = Shape[i - shift];
            if (length != shape[i] && length != 1)
                throw new ShapeMismatchException($"{Shape} does not broadcast to {shape}.");
            strides[i] = length == 1 ? 0 : _strides[i - shift];
        }
        return new View(Buffer, DType, shape, Offset, strides);
    }

    /// <summary>The elements of a dense view in host memory, valid until its owner gives the memory back.</summary>
    /// <exception cref="MemoryException">The memory was given back.</exception>
    /// <exception cref="DTypeException"><typeparamref name="T"/> is not the element type.</exception>
    public unsafe Span<T> Span<T>() where T : unmanaged
    {
        RequireDense();
        return new Span<T>(Pointer<T>(), Shape.ElementCount);
    }

    /// <summary>The address of the first element in host memory, valid until its owner gives the memory back.</summary>
    /// <exception cref="MemoryException">The memory was given back.</exception>
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

    private void RequireAxis(int axis)
    {
        if ((uint)axis >= (uint)Shape.Rank)
            throw new ShapeMismatchException($"A view of {Shape} has no axis {axis}.", "axes count from 0, the outermost");
    }

    private void RequireDense()
    {
        if (!IsDense)
            throw new InvalidOperationException(
                $"A strided view of {Shape} was used where a dense one is needed; copy it first.");
    }
}
