using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Backends;

/// <summary>No verb writes or reads past its views: shapes that do not fit are refused before anything happens.</summary>
public sealed class VerbShapesTests(BackendCase on) : BackendTests(on)
{
    private View Some(params ReadOnlySpan<int> shape) => Place(Shape.Of(shape), new double[Shape.Of(shape).ElementCount]);

    private View Ids(int count) => PlaceIntegers([count], new int[count]);

    [Test]
    public void Operands_of_other_sizes_are_refused_by_every_verb()
    {
        View small = Some(2, 2), large = Some(4, 4), row = Some(4), q = Some(1, 2, 2, 2), keys = Some(1, 3, 2, 2);
        View strided = Some(1).BroadcastTo([16]);
        Action[] calls =
        [
            () => B.Copy(small, Into(large)), () => B.Copy(large, AddTo(small)), () => B.Copy(row, Into(small)),
            () => B.Cast(small, Into(large)), () => B.Map<Exp.Function>(small, Into(large)),
            () => B.Map<Exp.Function>(strided, Into(large)), () => B.Affine(large, 1, 0, Into(small)),
            () => B.Zip<Add.Function>(small, large, Into(large)), () => B.Zip<Add.Function>(large, row, Into(row)),
            () => B.Where(Place([2], [1, 0], dtype: DType.Bool), row, row, Into(row)),
            () => B.Sum(small, Into(large)), () => B.Sum(large, Into(Some(3))),
            () => B.Max(large, 0, row, Ids(3)), () => B.Max(large, 2, row, Ids(4)), () => B.Max(large, 1, Some(3), Ids(4)),
            () => B.MaxGradient(row, Ids(3), 1, Into(large)),
            () => B.Gemm(small, large, Into(large)), () => B.Gemm(small, small, Into(large)),
            () => B.Gemm(small, small, Into(small), bias: Some(1)), () => B.Gemm(small, small, Into(small), residual: Some(2)),
            () => B.GemmMap<Exp.Function>(small, small, default, small, row.Slice(0, 0, 2)),
            () => B.GemmSum([new GemmTerm(small, small)], Into(large)),
            () => B.GemmSum([new GemmTerm(small, small)], Into(small), Into(Some(1))),
            () => B.Softmax(small, Into(large)), () => B.LogSoftmax(large, Into(small)),
            () => B.SoftmaxGradient(large, small, Into(large)), () => B.LogSoftmaxGradient(large, large, Into(small)),
            () => B.CrossEntropy(large, Ids(3), new(), Some(1), row),
            () => B.CrossEntropy(large, Ids(4), new(), Some(1), Some(3)),
            () => B.CrossEntropyGradient(large, Ids(4), row, Some(1), new(), Into(small)),
            () => B.LayerNorm(large, Some(3), default, 1e-5, Into(large), row, row),
            () => B.LayerNorm(large, default, default, 1e-5, Into(large), Some(3), row),
            () => B.LayerNormInputGradient(large, row, row, Some(3), large, Into(large)),
            () => B.LayerNormWeightGradient(large, row, row, large, Into(Some(3)), default),
            () => B.RmsNorm(large, row, 1e-5, Into(small), row),
            () => B.RmsNormInputGradient(large, row, row, small, Into(large)),
            () => B.RmsNormWeightGradient(large, row, large, Into(Some(3))),
            () => B.Gather(large, Ids(2), Into(large)), () => B.ScatterAdd(large, Ids(3), Into(large)),
            () => B.Attention(q, keys, q, new(), q, row), () => B.Attention(q, q, q, new(), q, Some(3)),
            () => B.AttentionGradient(q, q, q, q, row, q, new(), Into(keys), default, default),
            () => B.Rotary(q, new(), Into(keys)), () => B.Dropout(small, 0.5, new(1, 1), Into(large)),
            () => B.Sgd(large, small, default, default), () => B.Adam(large, large, large, small, default),
        ];
        foreach (Action call in calls) Assert.That(() => call(), Throws.InstanceOf<AutogradException>());
    }

    [Test]
    public void Positions_and_targets_out_of_range_reach_no_other_memory()
    {
        View dy = Some(2), wild = PlaceIntegers([2], [0, 1_000_000]), dx = Some(2, 3), logits = Some(2, 3);
        try
        {
            B.MaxGradient(dy, wild, 1, Into(dx));
            B.CrossEntropyGradient(logits, wild, Statistics([2], [0, 0]), Some(1), new(), Into(dx));
            B.Synchronize();
        }
        catch (IndexRangeException e)
        {
            Assert.That(e.Message, Does.Contain("1000000"));
        }
        Assert.That(Read(dx).Select(double.IsFinite), Is.All.True);
    }

    [Test]
    public void Nothing_is_sent_to_or_from_a_view_of_another_size()
    {
        View two = Some(2);
        Assert.That(() => B.Upload<int>([1, 2, 3], Ids(2)), Throws.TypeOf<ShapeMismatchException>());
        Assert.That(() => B.Download<int>(Ids(2), new int[1]), Throws.TypeOf<ShapeMismatchException>());
        Assert.That(() => B.Download<byte>(two, new byte[2]), Throws.TypeOf<DTypeException>());
    }
}
