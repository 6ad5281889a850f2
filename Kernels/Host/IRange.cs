namespace AutogradCore.Kernels.Host;

/// <summary>Work on items that do not depend on each other: elements, rows or columns, cut anywhere a grain ends.</summary>
internal interface IRange
{
    /// <summary>Does items <paramref name="begin"/> .. <paramref name="end"/> - 1.</summary>
    void Run(int begin, int end);
}

/// <summary>An <see cref="IRange"/> cut into nearly equal parts of whole grains.</summary>
internal readonly struct RangeParts<TRange>(TRange range, int length, int grain, int parts) : IParallelBody
    where TRange : struct, IRange
{
    private readonly TRange _range = range;

    /// <inheritdoc/>
    public void Run(int part)
    {
        int begin = Edge(part), end = Edge(part + 1);
        if (begin < end)
            _range.Run(begin, end);
    }

    private int Edge(int part)
    {
        long grains = ((long)length + grain - 1) / grain;
        return (int)Math.Min(length, grains * part / parts * grain);
    }
}
