namespace AutogradCore.Kernels.Ilgpu;

/// <summary>How many features a lane mixes, known when the kernel is compiled.</summary>
internal interface IAttentionWidth
{
    /// <summary>Whether heads have more than 64 features, up to 128: eight per lane instead of four.</summary>
    static abstract bool IsWide { get; }
}

/// <summary>Heads of up to 64 features.</summary>
internal readonly struct AttentionNarrow : IAttentionWidth
{
    public static bool IsWide => false;
}

/// <summary>Heads of up to 128 features.</summary>
internal readonly struct AttentionWide : IAttentionWidth
{
    public static bool IsWide => true;
}
