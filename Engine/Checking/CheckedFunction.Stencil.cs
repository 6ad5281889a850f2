namespace AutogradCore.Checking;

/// <summary>Derivatives by differences, which know nothing of rules.</summary>
internal sealed partial class CheckedFunction
{
    /// <summary>The derivatives of Σ u⊙y with respect to each element of an operand by the five-point stencil; steps are powers
    /// of two.</summary>
    /// <param name="operand">The operand.</param>
    /// <param name="agrees">Whether an element's derivative needs no closer look. Where it does not, smaller steps are tried,
    /// and the derivative that the step before hardly changed is taken: first too coarse for the curvature, then lost in
    /// rounding.</param>
    public double[] Stencil(int operand, Func<int, double, bool> agrees)
    {
        using Evaluation e = Record(All(Role.Fixed));
        Tensor elements = e.Tensors[operand] ?? e.Parameters[operand]!.Data;
        double[] x = [.. operands[operand].Values], derivatives = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            double center = x[i];
            double h = Math.ScaleB(1, Math.Max(0, double.IsFinite(center) && center != 0 ? Math.ILogB(center) : 0) - 10);
            double previous = derivatives[i] = FivePoints(h), change = double.PositiveInfinity;
            for (int finer = 1; finer <= 4 && !agrees(i, derivatives[i]); finer++)
            {
                double next = FivePoints(Math.ScaleB(h, -2 * finer));
                if (Math.Abs(next - previous) < change) (derivatives[i], change) = (next, Math.Abs(next - previous));
                previous = next;
            }
            x[i] = center;

            double FivePoints(double h)
            {
                double F(int steps)
                {
                    x[i] = center + steps * h;
                    elements.CopyFrom<double>(x);
                    return Project(e);
                }
                return (8 * (F(1) - F(-1)) - (F(2) - F(-2))) / (12 * h);
            }
        }
        return derivatives;
    }

    private double Project(Evaluation e)
    {
        e.Graph.Forward(e.Outputs);
        double sum = 0;
        for (int k = 0; k < e.Outputs.Length; k++)
        {
            double[] y = e.Doubles(e.Outputs[k].View), u = Cotangent(k, e.Microbatch, y.Length);
            for (int i = 0; i < y.Length; i++) sum += u[i] * y[i];
        }
        return sum;
    }
}
