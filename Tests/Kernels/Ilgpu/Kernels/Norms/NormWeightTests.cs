using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Kernels.Ilgpu;

/// <summary>Gradients of the norms' weights: a lane has four columns, which it reads in one access or one by one.</summary>
public sealed class NormWeightTests
{
    /// <summary>Rows in several chunks, some of them no whole fours.</summary>
    [Test]
    public void Gradients_do_not_depend_on_where_operands_start(
        [Values(DType.Float32, DType.Float64, DType.BFloat16)] DType dtype, [Values(4, 30, 36)] int length,
        [Values(3, 37)] int rows, [Values] bool isRms) => Starts.Agree(rows * 1e-5, on =>
        {
            DType sums = dtype == DType.BFloat16 ? DType.Float32 : dtype;
            View x = on.Place([rows, length], Starts.Values(rows * length, 1), dtype);
            View dy = on.Place([rows, length], Starts.Values(rows * length, 2), dtype);
            View mean = on.Place([rows], Starts.Values(rows, 3), DTypes.Statistics);
            View factor = on.Place([rows], Starts.Values(rows, 4), DTypes.Statistics);
            View dgamma = on.Place([length], Starts.Values(length, 5), sums);
            View dbeta = on.Place([length], Starts.Values(length, 6), sums);
            if (isRms) on.Backend.RmsNormWeightGradient(x, factor, dy, AddTo(dgamma));
            else on.Backend.LayerNormWeightGradient(x, mean, factor, dy, AddTo(dgamma), Into(dbeta));
            on.Keep(dgamma);
            on.Keep(dbeta);
            if (isRms) return;
            View sum = on.Place([length], new double[length], sums);
            on.Backend.Sum(dy, Into(sum));
            Assert.That(on.Read(dbeta), Is.EqualTo(on.Read(sum)), "column by column as in a sum over rows");
        });
}
