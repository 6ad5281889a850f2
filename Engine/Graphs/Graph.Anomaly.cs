namespace AutogradCore;

/// <content>The search for the op where NaN or infinity arises, and for the element.</content>
public sealed partial class Graph
{
    private const string AnomalyHint =
        "look at its operands: a learning rate too high, a log or division of zero, an overflowing exp";

    /// <summary>An infinity that an operand has too is passed on, not made: masks are filled with it.</summary>
    private void RequireFinite(Node node, string phase)
    {
        foreach (Slot slot in node.Slots)
        {
            if (!slot.DType.IsFloating() || Backend.IsFinite(slot.View)) continue;
            (int at, double value) = FirstOf(slot.View, double.IsNaN);
            if (at < 0 && AnyOperandIsInfinite(node)) continue;
            if (at < 0) (at, value) = FirstOf(slot.View, double.IsInfinity);
            throw new AnomalyException(
                $"{node} produced NaN or infinity in {phase} (node {node.Index}): element {Position(slot.Shape, at)} is {value}.",
                AnomalyHint);
        }
    }

    private void RequireFiniteGradients(Node node, ulong wanted, string phase)
    {
        for (int i = 0; i < node.Operands.Count; i++)
        {
            if ((wanted >> i & 1) == 0) continue;
            Value operand = node.OperandSpan[i];
            View gradient = operand.Node.Accumulates is { } p ? p.Gradient.View : operand.Slot.Gradient;
            if (Backend.IsFinite(gradient)) continue;
            (int at, double value) = FirstOf(gradient, x => !double.IsFinite(x));
            throw new AnomalyException(
                $"The gradient of {node} for operand {node.Op!.OperandName(i)} is NaN or infinite "
                + $"in {phase} (node {node.Index}): element {Position(gradient.Shape, at)} is {value}.", AnomalyHint);
        }
    }

    private bool AnyOperandIsInfinite(Node node)
    {
        foreach (Value operand in node.OperandSpan)
            if (operand.DType.IsFloating() && FirstOf(operand.Slot.View, double.IsInfinity).Index >= 0) return true;
        return false;
    }

    /// <summary>The first element that <paramref name="is"/> is true of, in row-major order; -1 for none.</summary>
    private (int Index, double Value) FirstOf(in View view, Func<double, bool> @is)
    {
        double[] elements = view.DType switch
        {
            DType.Float64 => Download<double>(view),
            DType.BFloat16 => Array.ConvertAll(Download<BFloat16>(view), x => (double)(float)x),
            _ => Array.ConvertAll(Download<float>(view), x => (double)x),
        };
        int index = Array.FindIndex(elements, x => @is(x));
        return (index, index < 0 ? 0 : elements[index]);
    }

    private T[] Download<T>(in View view) where T : unmanaged
    {
        T[] elements = new T[view.Shape.ElementCount];
        Backend.Download<T>(view, elements);
        return elements;
    }

    /// <summary>The position of an element as it is written in messages: <c>[3,0]</c>.</summary>
    private static string Position(in Shape shape, int index)
    {
        int[] position = new int[shape.Rank];
        for (int axis = shape.Rank - 1; axis >= 0; axis--)
        {
            position[axis] = index % shape[axis];
            index /= shape[axis];
        }
        return $"[{string.Join(',', position)}]";
    }
}
