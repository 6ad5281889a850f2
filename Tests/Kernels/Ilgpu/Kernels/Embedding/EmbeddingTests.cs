using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Kernels.Ilgpu;

/// <summary>Embeddings move four columns at a time where rows are whole fours, or one: same bits.</summary>
[Parallelizable]
public sealed class EmbeddingTests
{
    private static readonly double[] Ids = [4, 4, 0, 4, 2, 0, 2, 0, 4, 4, 2, 1, 0];

    /// <summary>Enough for two fours a lane: 13 rows of 44.</summary>
    [Test]
    public void Rows_are_gathered_wherever_operands_start(
        [Values(DType.Float32, DType.Float64, DType.BFloat16)] DType dtype, [Values(1, 4, 6, 44)] int columns,
        [Values] bool adds) => Starts.Agree(BFloat16.UnitRoundoff, on =>
        {
            View table = on.Place([5, columns], Starts.Values(5 * columns, 1), dtype);
            View y = on.Place([13, columns], Starts.Values(13 * columns, 2), dtype);
            on.Backend.Gather(table, on.Place([13], Ids, DType.Int32), adds ? AddTo(y) : Into(y));
            on.Keep(y);
        });

    /// <summary>The rows that nobody names are zeros or stay.</summary>
    [Test]
    public void Gradients_are_scattered_wherever_operands_start(
        [Values(DType.Float32, DType.BFloat16)] DType dtype, [Values(1, 4, 6, 76)] int columns,
        [Values] bool adds) => Starts.Agree(4 * BFloat16.UnitRoundoff, on =>
        {
            View dy = on.Place([13, columns], Starts.Values(13 * columns, 1), dtype);
            View sum = on.Place([5, columns], Starts.Values(5 * columns, 2), dtype);
            DType wide = dtype == DType.BFloat16 ? DType.Float32 : dtype;
            View wideSum = on.Place([5, columns], Starts.Values(5 * columns, 2), wide);
            View ids = on.Place([13], Ids, DType.Int32);
            foreach (View dtable in new[] { sum, wideSum })
            {
                on.Backend.ScatterAdd(dy, ids, adds ? AddTo(dtable) : Into(dtable));
                on.Keep(dtable);
            }
        });

    /// <summary>Angles are rounded once, to floats.</summary>
    [Test]
    public void Heads_turn_wherever_operands_start(
        [Values(DType.Float32, DType.Float64, DType.BFloat16)] DType dtype, [Values(2, 8, 12, 24)] int size,
        [Values] bool inverse) => Starts.Agree(2 * BFloat16.UnitRoundoff, on =>
        {
            Shape shape = [2, 3, 2, size];
            View x = on.Place(shape, Starts.Values(shape.ElementCount, 1), dtype);
            View y = on.Place(shape, Starts.Values(shape.ElementCount, 2), dtype);
            RotaryOptions options = new(Base: 500, Offset: 3, inverse);
            on.Backend.Rotary(x, options, AddTo(y));
            on.Keep(y);
            on.Backend.Rotary(x, options, Into(x));
            on.Keep(x);
        });
}
