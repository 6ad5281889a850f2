namespace AutogradCore.Optim;

/// <summary>A learning rate as a function of the step, from 0.</summary>
/// <remarks>Step t runs with the rate at t. A rise over w steps reaches its peak at step w - 1.</remarks>
public abstract record LearningRate
{
    /// <summary>The rate at a step, finite and 0 or more.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <exception cref="ModelException">The step is negative.</exception>
    public abstract double At(int step);

    /// <summary>The same rate at every step.</summary>
    /// <param name="rate">The rate, finite and 0 or more.</param>
    /// <exception cref="ModelException">The rate lies outside its range.</exception>
    public static LearningRate Constant(double rate) => new ConstantRate(Checked(rate));

    /// <summary>Rises in a straight line to <paramref name="peak"/> over <paramref name="steps"/> steps, then stays.</summary>
    /// <param name="peak">The highest rate, finite and 0 or more: that of step <paramref name="steps"/> - 1 and all later
    /// ones.</param>
    /// <param name="steps">Steps of the rise, 0 or more; with 0, step 0 has the peak.</param>
    /// <exception cref="ModelException">An argument lies outside its range.</exception>
    public static LearningRate Warmup(double peak, int steps) =>
        new WarmupRate(Checked(peak), Ranges.AtLeast(nameof(steps), steps, 0));

    /// <summary>Rises over <paramref name="warmup"/> steps to <paramref name="peak"/>, then falls along half a cosine to
    /// <paramref name="floor"/> at step <paramref name="total"/> (Loshchilov &amp; Hutter 2017), and stays.</summary>
    /// <remarks>Step <paramref name="total"/> and all later ones have the floor, whatever the warm-up. A warm-up of
    /// <paramref name="total"/> steps ends with the peak at the step before; a longer one is cut off there, below the
    /// peak.</remarks>
    /// <param name="peak">The highest rate, finite and 0 or more.</param>
    /// <param name="warmup">Steps of the rise, 0 or more.</param>
    /// <param name="total">The first step at the floor, 0 or more; with 0, every step has the floor.</param>
    /// <param name="floor">The last rate, finite and 0 or more.</param>
    /// <exception cref="ModelException">An argument lies outside its range.</exception>
    public static LearningRate Cosine(double peak, int warmup, int total, double floor = 0) => new CosineRate(
        Checked(peak), Ranges.AtLeast(nameof(warmup), warmup, 0), Ranges.AtLeast(nameof(total), total, 0), Checked(floor));

    private static double Checked(double rate) => double.IsFinite(rate) && rate >= 0
        ? rate
        : throw new ModelException($"A learning rate of {rate}.", "use a finite value of 0 or more");

    private static void RequireStep(int step) => Ranges.AtLeast(nameof(step), step, 0);

    private static double Rising(double peak, int step, int steps) => peak * (step + 1) / steps;

    private sealed record ConstantRate(double Rate) : LearningRate
    {
        public override double At(int step)
        {
            RequireStep(step);
            return Rate;
        }
    }

    private sealed record WarmupRate(double Peak, int Steps) : LearningRate
    {
        public override double At(int step)
        {
            RequireStep(step);
            return step >= Steps ? Peak : Rising(Peak, step, Steps);
        }
    }

    private sealed record CosineRate(double Peak, int WarmupSteps, int Total, double Floor) : LearningRate
    {
        public override double At(int step)
        {
            RequireStep(step);
            if (step >= Total) return Floor;
            if (step < WarmupSteps) return Rising(Peak, step, WarmupSteps);
            double progress = (step - WarmupSteps) / (double)(Total - WarmupSteps);
            return Floor + (Peak - Floor) * (1 + Math.Cos(Math.PI * progress)) / 2;
        }
    }
}
