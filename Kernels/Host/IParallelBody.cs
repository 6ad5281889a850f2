namespace AutogradCore.Kernels.Host;

/// <summary>Work cut into independent parts; a struct, so that a <see cref="WorkerPool"/> runs it without allocating.</summary>
internal interface IParallelBody
{
    /// <summary>Does one part. Parts run in any order, on any thread of the pool, several at once.</summary>
    void Run(int part);
}
