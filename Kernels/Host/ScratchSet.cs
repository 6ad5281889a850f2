namespace AutogradCore.Kernels.Host;

/// <summary>One <see cref="Scratch"/> per thread of a pool; a part rents one while it runs.</summary>
internal sealed class ScratchSet : IDisposable
{
    private readonly Scratch[] _all;
    private readonly Scratch?[] _free;

    /// <summary>Room for <paramref name="threads"/> parts at once.</summary>
    public ScratchSet(int threads)
    {
        _all = new Scratch[threads];
        for (int i = 0; i < threads; i++)
            _all[i] = new Scratch();
        _free = (Scratch?[])_all.Clone();
    }

    /// <summary>Takes a free scratch; at most as many at once as there are threads.</summary>
    public Scratch Rent()
    {
        for (int i = 0; i < _free.Length; i++)
        {
            if (Volatile.Read(ref _free[i]) is not null && Interlocked.Exchange(ref _free[i], null) is Scratch scratch)
                return scratch;
        }

        throw new InvalidOperationException("More parts run at once than the pool has threads.");
    }

    /// <summary>Gives a rented scratch back.</summary>
    public void Return(Scratch scratch)
    {
        for (int i = 0; i < _all.Length; i++)
        {
            if (ReferenceEquals(_all[i], scratch))
                Volatile.Write(ref _free[i], scratch);
        }
    }

    /// <summary>Frees all the memory.</summary>
    public void Dispose()
    {
        foreach (Scratch scratch in _all)
            scratch.Dispose();
    }
}
