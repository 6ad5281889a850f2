namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Memory of <typeparamref name="TStored"/> that a kernel reads and writes as <typeparamref name="T"/>.</summary>
internal readonly struct StoredView<T, TStored, TStorage>(ArrayView<TStored> elements)
    where T : unmanaged
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    private readonly ArrayView<TStored> _elements = elements;

    /// <summary>The number at a position.</summary>
    public T this[int i]
    {
        get => TStorage.Load(_elements[i]);
        set => _elements[i] = TStorage.Store(value);
    }

    /// <inheritdoc cref="this[int]"/>
    public T this[long i]
    {
        get => TStorage.Load(_elements[i]);
        set => _elements[i] = TStorage.Store(value);
    }
}
