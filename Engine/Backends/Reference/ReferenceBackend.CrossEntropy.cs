using System.Numerics;
using static AutogradCore.Loops;

namespace AutogradCore;

public partial class ReferenceBackend
{
    /// <inheritdoc/>
    public virtual void CrossEntropy(in View logits, in View targets, in CrossEntropyOptions options, in View loss, in View lse)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.CrossEntropy(logits, targets, loss, lse);
        if (WidenedVerbs.Are(logits, loss)) Widened.CrossEntropy(logits, targets, options, loss, lse);
        else if (logits.DType == DType.Float64) CrossEntropy<double>(logits, targets, options, loss, lse);
        else CrossEntropy<float>(logits, targets, options, loss, lse);
    }

    /// <inheritdoc/>
    public virtual void CrossEntropyGradient(in View logits, in View targets, in View lse, in View dloss,
        in CrossEntropyOptions options, in Destination dlogits)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.CrossEntropyGradient(logits, targets, lse, dloss, dlogits);
        if (WidenedVerbs.Are(logits, dloss, dlogits.View))
            Widened.CrossEntropyGradient(logits, targets, lse, dloss, options, dlogits);
        else if (logits.DType == DType.Float64) CrossEntropyGradient<double>(logits, targets, lse, dloss, options, dlogits);
        else CrossEntropyGradient<float>(logits, targets, lse, dloss, options, dlogits);
    }

    /// <summary>loss of a row = (1-ε)·(lse - logit of the target) + ε·(lse - mean of the logits).</summary>
    private static void CrossEntropy<T>(in View logits, in View targets, in CrossEntropyOptions options,
        in View loss, in View lse) where T : unmanaged, IFloatingPointIeee754<T>
    {
        (int rows, int classes, double smoothing) = (logits.Shape[0], logits.Shape[1], options.LabelSmoothing);
        Span<int> classOf = targets.Span<int>();
        RequireTargets(classOf, classes, options.IgnoreIndex);
        double total = 0;
        for (int row = 0; row < rows; row++)
        {
            Span<T> x = logits.Span<T>().Slice(row * classes, classes);
            double logSum = LogSumExp<T>(x);
            lse.Span<double>()[row] = logSum;
            if (classOf[row] == options.IgnoreIndex) continue;
            double rowLoss = (1 - smoothing) * (logSum - Wide(x[classOf[row]]));
            if (smoothing != 0)
            {
                double sum = 0;
                foreach (T logit in x) sum += Wide(logit);
                rowLoss += smoothing * (logSum - sum / classes);
            }
            total += rowLoss;
        }
        loss.Span<T>()[0] = Narrow<T>(total * RowWeight(classOf, options));
    }

    private static void CrossEntropyGradient<T>(in View logits, in View targets, in View lse, in View dloss,
        in CrossEntropyOptions options, in Destination dlogits)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        (int rows, int classes, double smoothing) = (logits.Shape[0], logits.Shape[1], options.LabelSmoothing);
        Span<int> classOf = targets.Span<int>();
        double scale = Wide(dloss.Span<T>()[0]) * RowWeight(classOf, options);
        for (int row = 0; row < rows; row++)
        {
            Span<T> x = logits.Span<T>().Slice(row * classes, classes);
            Span<T> to = dlogits.View.Span<T>().Slice(row * classes, classes);
            double logSum = lse.Span<double>()[row];
            if (classOf[row] == options.IgnoreIndex)
            {
                if (!dlogits.Accumulates) to.Clear();
                continue;
            }
            for (int v = 0; v < classes; v++)
            {
                double target = smoothing / classes + (v == classOf[row] ? 1 - smoothing : 0);
                Put(ref to[v], scale * (Math.Exp(Wide(x[v]) - logSum) - target), dlogits.Accumulates);
            }
        }
    }

    /// <summary>What each counted row's loss is multiplied by: 1 in a sum, 1/rows in a mean, 0 when no row counts.</summary>
    private static double RowWeight(ReadOnlySpan<int> classOf, in CrossEntropyOptions options)
    {
        int counted = classOf.Length - classOf.Count(options.IgnoreIndex);
        return counted == 0 ? 0 : options.Reduction == Reduction.Mean ? 1.0 / counted : 1;
    }

    /// <summary>Raises an error that names the first target outside its range, before anything is written.</summary>
    /// <exception cref="IndexRangeException">A target outside 0..classes-1 that is not the ignored one.</exception>
    protected static void RequireTargets(ReadOnlySpan<int> targets, int classes, int ignored)
    {
        for (int n = 0; n < targets.Length; n++)
            if ((uint)targets[n] >= (uint)classes && targets[n] != ignored)
                throw new IndexRangeException(
                    $"CrossEntropy: targets[{n}] is {targets[n]}, outside 0 <= target < {classes} (V of the logits).",
                    $"rows that should not count carry the ignored index, {ignored}");
    }
}
