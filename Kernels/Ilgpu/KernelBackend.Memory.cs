namespace AutogradCore.Kernels;

public abstract unsafe partial class KernelBackend
{
    /// <inheritdoc/>
    public void Upload<T>(ReadOnlySpan<T> from, in View into) where T : unmanaged
    {
        using VerbGate.Pass pass = Enter();
        Require<T>(into, from.Length);
        fixed (T* first = from)
            if (from.Length > 0)
                _device.Upload(first, into.Buffer.Pointer, (long)into.Offset * sizeof(T), (long)from.Length * sizeof(T));
    }

    /// <inheritdoc/>
    public void Download<T>(in View from, Span<T> into) where T : unmanaged
    {
        using VerbGate.Pass pass = Enter();
        Require<T>(from, into.Length);
        fixed (T* first = into)
            if (into.Length > 0)
                _device.Download(from.Buffer.Pointer, (long)from.Offset * sizeof(T), first, (long)into.Length * sizeof(T));
        _checks.Verify();
    }

    private static void Require<T>(in View view, int count) where T : unmanaged
    {
        if (count != view.Shape.ElementCount)
            throw new ShapeMismatchException($"{count} elements of host memory do not match {view} ({view.Shape.ElementCount}).");
        if (DTypes.Of<T>() != view.DType)
            throw new DTypeException($"A {view.DType} view was read as {typeof(T).Name}.",
                "read it as its own type, or Cast it first");
        if (!view.IsDense)
            throw new InvalidOperationException(
                $"A strided view of {view.Shape} cannot be copied to or from the host; copy it first.");
    }
}
