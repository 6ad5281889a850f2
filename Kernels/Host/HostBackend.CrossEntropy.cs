using System.Numerics;
using AutogradCore.Kernels.Host;

namespace AutogradCore.Kernels;

public sealed partial class HostBackend
{
    /// <inheritdoc/>
    public override void CrossEntropy(in View logits, in View targets, in CrossEntropyOptions options, in View loss, in View lse)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.CrossEntropy(logits, targets, loss, lse);
        RequireTargets(targets.Span<int>(), logits.Shape[1], options.IgnoreIndex);
        if (WidenedVerbs.Are(logits, loss)) base.CrossEntropy(logits, targets, options, loss, lse);
        else if (logits.DType == DType.Float64) CrossEntropy<double>(logits, targets, options, loss, lse);
        else CrossEntropy<float>(logits, targets, options, loss, lse);
    }

    /// <inheritdoc/>
    public override void CrossEntropyGradient(in View logits, in View targets, in View lse, in View dloss,
        in CrossEntropyOptions options, in Destination dlogits)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.CrossEntropyGradient(logits, targets, lse, dloss, dlogits);
        RequireTargets(targets.Span<int>(), logits.Shape[1], options.IgnoreIndex);
        if (WidenedVerbs.Are(logits, dloss, dlogits.View))
            base.CrossEntropyGradient(logits, targets, lse, dloss, options, dlogits);
        else if (logits.DType == DType.Float64) CrossEntropyGradient<double>(logits, targets, lse, dloss, options, dlogits);
        else CrossEntropyGradient<float>(logits, targets, lse, dloss, options, dlogits);
    }

    private unsafe void CrossEntropy<T>(in View logits, in View targets, CrossEntropyOptions options, in View loss, in View lse)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        (int rows, int classes) = (logits.Shape[0], logits.Shape[1]);
        double* losses = _scratch.Get<double>(SlotPartials, rows + 1);
        CrossEntropyRows<T> work = new(
            Dense<T>(logits), Dense<int>(targets), classes, options.IgnoreIndex, options.LabelSmoothing,
            Dense<double>(lse), losses);
        Share(rows, 1, ExpWorth * logits.Bytes, work);
        double total = 0;
        for (int row = 0; row < rows; row++) total += losses[row];
        *loss.Pointer<T>() = T.CreateTruncating(total * RowWeight(targets.Span<int>(), options));
    }

    private unsafe void CrossEntropyGradient<T>(in View logits, in View targets, in View lse, in View dloss,
        CrossEntropyOptions options, in Destination dlogits)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        (int rows, int classes) = (logits.Shape[0], logits.Shape[1]);
        double scale = double.CreateTruncating(*dloss.Pointer<T>()) * RowWeight(targets.Span<int>(), options);
        CrossEntropyGradientRows<T> work = new(Dense<T>(logits), Dense<int>(targets), classes, options.IgnoreIndex,
            options.LabelSmoothing, Dense<double>(lse), scale, Dense<T>(dlogits.View), dlogits.Accumulates);
        Share(rows, 1, ExpWorth * logits.Bytes, work);
    }

    /// <summary>What each counted row's loss is multiplied by: 1 in a sum, 1/rows in a mean, 0 when no row counts.</summary>
    private static double RowWeight(ReadOnlySpan<int> classOf, CrossEntropyOptions options)
    {
        int counted = classOf.Length - classOf.Count(options.IgnoreIndex);
        return counted == 0 ? 0 : options.Reduction == Reduction.Mean ? 1.0 / counted : 1;
    }
}
