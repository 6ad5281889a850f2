using System.Numerics;
using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public abstract partial class KernelBackend
{
    /// <inheritdoc/>
    public void CrossEntropy(in View logits, in View targets, in CrossEntropyOptions options, in View loss, in View lse)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.CrossEntropy(logits, targets, loss, lse);
        if (AreRounded(logits) && AreFloats(loss))
            CrossEntropy<float, ushort, AsBFloat16>(logits, targets, options, loss, lse);
        else if (WidenedVerbs.Are(logits, loss)) _widened.CrossEntropy(logits, targets, options, loss, lse);
        else if (logits.DType == DType.Float64) CrossEntropy<double, double, AsIs<double>>(logits, targets, options, loss, lse);
        else CrossEntropy<float, float, AsIs<float>>(logits, targets, options, loss, lse);
    }

    /// <inheritdoc/>
    public void CrossEntropyGradient(
        in View logits, in View targets, in View lse, in View dloss, in CrossEntropyOptions options, in Destination dlogits)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.CrossEntropyGradient(logits, targets, lse, dloss, dlogits);
        if (AreRounded(logits, dlogits.View) && AreFloats(dloss))
            CrossEntropyGradient<float, ushort, AsBFloat16>(logits, targets, lse, dloss, options, dlogits);
        else if (WidenedVerbs.Are(logits, dloss, dlogits.View))
            _widened.CrossEntropyGradient(logits, targets, lse, dloss, options, dlogits);
        else if (logits.DType == DType.Float64)
            CrossEntropyGradient<double, double, AsIs<double>>(logits, targets, lse, dloss, options, dlogits);
        else CrossEntropyGradient<float, float, AsIs<float>>(logits, targets, lse, dloss, options, dlogits);
    }

    private void CrossEntropy<T, TStored, TStorage>(
        in View logits, in View targets, CrossEntropyOptions options, in View loss, in View lse)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        (int rows, int classes) = (logits.Shape[0], logits.Shape[1]);
        ArrayView<long> check = Check(targets, classes, options.IgnoreIndex, (row, target) => new IndexRangeException(
            $"CrossEntropy: targets[{row}] is {target}, outside 0 <= target < {classes} (V of the logits).",
            $"rows that should not count carry the ignored index, {options.IgnoreIndex}"));
        using Temporary<double> losses = Rent<double>(rows);
        if (rows > 0)
        {
            CrossEntropyKernel<T, TStored, TStorage>.Arguments arguments = new()
            {
                Logits = Stored<T, TStored, TStorage>(logits),
                Lse = In<double>(lse),
                Losses = losses.Elements,
                Targets = In<int>(targets),
                Check = check,
                Kept = 1 - options.LabelSmoothing,
                Smoothing = options.LabelSmoothing,
                Classes = classes,
                Ignored = options.IgnoreIndex,
                Smooths = options.LabelSmoothing != 0 ? 1 : 0,
                IsAligned = AreFours<TStored>(classes, logits),
            };
            _device.Launch(CrossEntropyKernel<T, TStored, TStorage>.Run, PerRowInFours(rows, classes), arguments);
        }
        Weigh(losses.Elements, rows, targets, options, In<T>(loss), check);
    }

    private void CrossEntropyGradient<T, TStored, TStorage>(in View logits, in View targets, in View lse, in View dloss,
        CrossEntropyOptions options, in Destination dlogits)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        int count = logits.Shape.ElementCount, classes = logits.Shape[1];
        if (count == 0) return;
        using Temporary<double> scale = Rent<double>(1);
        Weigh(In<T>(dloss), 1, targets, options, scale.Elements, default);
        CrossEntropyGradientKernel<T, TStored, TStorage>.Arguments arguments = new()
        {
            Logits = Stored<T, TStored, TStorage>(logits),
            Lse = In<double>(lse),
            Scale = scale.Elements,
            Dlogits = Stored<T, TStored, TStorage>(dlogits),
            Targets = In<int>(targets),
            Kept = 1 - options.LabelSmoothing,
            Spread = options.LabelSmoothing / classes,
            Count = count,
            Classes = classes,
            Ignored = options.IgnoreIndex,
            Adds = Adds(dlogits),
            InFours = InFours(count, classes % 4 == 0, IsAligned<TStored>(logits) && IsAligned<TStored>(dlogits.View)),
        };
        _device.Launch(
            CrossEntropyGradientKernel<T, TStored, TStorage>.Run, PerElement(count, arguments.InFours), arguments);
    }

    /// <summary>The sum of some values, as the reduction weighs them.</summary>
    private void Weigh<TValue, TScale>(ArrayView<TValue> values, int count, in View targets, CrossEntropyOptions options,
        ArrayView<TScale> scale, ArrayView<long> check)
        where TValue : unmanaged, IFloatingPointIeee754<TValue>
        where TScale : unmanaged, IFloatingPointIeee754<TScale>
    {
        int rows = targets.Shape.ElementCount;
        RowWeightKernel<TValue, TScale>.Arguments arguments = new()
        {
            Values = values,
            Scale = scale,
            Targets = In<int>(targets),
            Check = check,
            IsChecked = check.IsValid ? 1 : 0,
            Rows = rows,
            Count = count,
            Ignored = options.IgnoreIndex,
            IsMean = options.Reduction == Reduction.Mean ? 1 : 0,
        };
        _device.Launch(RowWeightKernel<TValue, TScale>.Run, PerRow(1, Math.Max(count, rows)), arguments);
    }
}
