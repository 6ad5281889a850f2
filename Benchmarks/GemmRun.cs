namespace AutogradCore.Benchmarks;

/// <summary>The operands of a product in one of its four forms.</summary>
internal sealed class GemmRun : IDisposable
{
    private readonly Tensor _a, _b, _c;

    /// <summary>Operands filled with seeded numbers: A:[m,k], B:[k,n], stored transposed where <paramref name="form"/> says
    /// t.</summary>
    public GemmRun(IBackend backend, string form, int m, int n, int k, DType dtype)
    {
        (bool ta, bool tb) = (form[0] == 't', form[1] == 't');
        _a = Filled(backend, ta ? [k, m] : [m, k], dtype);
        _b = Filled(backend, tb ? [n, k] : [k, n], dtype);
        _c = new Tensor(backend, [m, n], dtype);
        (Left, Right, Result) = (ta ? _a.View.T : _a.View, tb ? _b.View.T : _b.View, _c.View);
    }

    /// <summary>A.</summary>
    public View Left { get; }

    /// <summary>B.</summary>
    public View Right { get; }

    /// <summary>C.</summary>
    public View Result { get; }

    /// <summary>Frees the operands.</summary>
    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
        _c.Dispose();
    }

    private static Tensor Filled(IBackend backend, Shape shape, DType dtype)
    {
        Tensor tensor = new(backend, shape, dtype);
        backend.Fill(tensor.View, 0.5);
        return tensor;
    }
}
