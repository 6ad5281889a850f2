namespace AutogradCore.Kernels.Ilgpu;

/// <summary>A weight and what the optimizer keeps of it, after a step.</summary>
internal struct Updated<T> where T : unmanaged
{
    /// <summary>The weight.</summary>
    public T W;

    /// <summary>The velocity, or the first moment.</summary>
    public T First;

    /// <summary>The second moment.</summary>
    public T Second;
}

/// <summary>Four neighbours of <see cref="Updated{T}"/>, as each operand has them in memory.</summary>
internal struct UpdatedFour<T> where T : unmanaged
{
    public Quad<T> W, First, Second;

    public static UpdatedFour<T> Of(Updated<T> x, Updated<T> y, Updated<T> z, Updated<T> w) => new()
    {
        W = new() { X = x.W, Y = y.W, Z = z.W, W = w.W },
        First = new() { X = x.First, Y = y.First, Z = z.First, W = w.First },
        Second = new() { X = x.Second, Y = y.Second, Z = z.Second, W = w.Second },
    };
}
