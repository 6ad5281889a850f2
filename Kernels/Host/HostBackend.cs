using AutogradCore.Kernels.Host;

namespace AutogradCore.Kernels;

/// <summary>The backend for machines without a GPU: vector code on all cores.
/// Verbs that gain nothing from it stay the reference's.</summary>
/// <remarks>
/// The same bits for any number of threads: threads share independent outputs, and every sum has one fixed order. One caller at a
/// time: verbs run at once on the calling thread and the backend's own workers. Where the reference lets a destination be an
/// operand, so does this backend.
/// </remarks>
public sealed partial class HostBackend : ReferenceBackend
{
    private readonly WorkerPool _pool;
    private readonly Gemm _gemm;
    private readonly PackedMatrices _packed;

    /// <summary>A backend that works on <paramref name="threads"/> threads, the caller's included;
    /// 0 means one per core.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative number of threads.</exception>
    public HostBackend(int threads = 0)
        : this(new HostOptions { Threads = threads })
    {
    }

    /// <summary>A backend with options: threads, and the cores to keep them on.</summary>
    /// <exception cref="ArgumentException">The options do not fit the machine, or each other.</exception>
    public HostBackend(HostOptions options)
    {
        _pool = new WorkerPool(options.Check(), options.Cores);
        _gemm = new Gemm(_pool);
        _packed = new PackedMatrices(_gemm, Memory);
        _attention = new FlashAttention(_pool);
        _rotary = new RotaryTable(_scratch);
    }

    /// <inheritdoc/>
    public override string Name => "host";

    /// <summary>How many threads share the work, the caller's included.</summary>
    public int Threads => _pool.Threads;

    /// <summary>Threads of the backend's own: none when the caller works alone.</summary>
    public int Workers => _pool.Workers;

    /// <summary>The vector width of the matrix products: the widest that this machine has.</summary>
    public SimdLevel SimdLevel => _gemm.Level;

    /// <summary>Stops the workers and frees their memory.</summary>
    protected override void Free()
    {
        _pool.Dispose();
        _gemm.Dispose();
        _attention.Dispose();
        _scratch.Dispose();
    }
}
