namespace AutogradCore.Kernels.Ilgpu;

/// <summary>A kernel of attention by tiles, and what a launch of it asks for beside its arguments.</summary>
/// <param name="Kernel">The kernel.</param>
/// <param name="SharedBytes">Its dynamic shared memory.</param>
internal readonly record struct AttentionTiles<TStored, TStorage>(
    Action<AttentionTiledArguments<TStored, TStorage>> Kernel, int SharedBytes = 0)
    where TStored : unmanaged
    where TStorage : struct, IFloatStorage<TStored>;
