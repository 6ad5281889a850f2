namespace AutogradCore.Kernels.Host;

/// <summary>
/// A tensor [B,tokens,H,D] whose heads are contiguous within a token and whose tokens are <see cref="Stride"/> apart.
/// </summary>
/// <param name="data">First element, or null where the tensor is not wanted.</param>
/// <param name="stride">Elements from a token to the next; a batch is tokens·stride.</param>
/// <param name="store">For a destination: writes or adds.</param>
internal readonly unsafe struct FlashRef<T>(T* data, int stride, Store store = Store.Write)
    where T : unmanaged
{
    /// <summary>First element, or null.</summary>
    public readonly T* Data = data;

    /// <summary>Elements from a token to the next.</summary>
    public readonly int Stride = stride;

    /// <summary>Writes or adds.</summary>
    public readonly Store Store = store;

    /// <summary>Whether the tensor is there.</summary>
    public bool Wanted => Data != null;

    /// <summary>Where [batch, token, head, 0] is.</summary>
    public T* At(int batch, int tokens, int token, int head, int size)
        => Data + ((((nint)batch * tokens) + token) * Stride) + ((nint)head * size);
}
