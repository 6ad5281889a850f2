namespace AutogradCore;

/// <summary>The promise of <see cref="IBackend.Hold"/> to a backend that has no use for it.</summary>
internal sealed class NoPromise : IDisposable
{
    private NoPromise()
    {
    }

    public static NoPromise Instance { get; } = new();

    public void Dispose()
    {
    }
}
