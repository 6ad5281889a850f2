namespace AutogradCore.Optim;

/// <summary>A learning rate as a function of the step, from 0.</summary>
public abstract record LearningRate
{
    /// <summary>The rate at a step.</summary>
    public abstract double At(int step);

    /// <summary>The same rate at every step.</summary>
    public static LearningRate Constant(double rate) => new ConstantRate(rate);

    /// <summary>Rises in a straight line to <paramref name="peak"/> over <paramref name="steps"/> steps, then stays.</summary>
    public static LearningRate Warmup(double peak, int steps) => new WarmupRate(peak, steps);

    /// <summary>Rises over <paramref name="warmup"/> steps to <paramref name="peak"/>, then falls along half a cosine to
    /// <paramref name="floor"/> at step <paramref name="total"/> (Loshchilov &amp; Hutter 2017), and stays.</summary>
    public static LearningRate Cosine(double peak, int warmup, int total, double floor = 0) =>
        new CosineRate(peak, warmup, total, floor);

    private protected static double Checked(double rate) => double.IsFinite(rate) && rate >= 0
        ? rate
        : throw new ModelException($"A learning rate of {rate}.", "use a finite value of 0 or more");

    private sealed record ConstantRate(double Rate) : LearningRate
    {
        private readonly double _rate = Checked(Rate);

        public override double At(int step) => _rate;
    }

    private sealed record WarmupRate(double Peak, int Steps) : LearningRate
    {
        private readonly double _peak = Checked(Peak);

        public override double At(int step) => step >= Steps ? _peak : _peak * (step + 1) / Steps;
    }

    private sealed record CosineRate(double Peak, int WarmupSteps, int Total, double Floor) : LearningRate
    {
        private readonly LearningRate _rise = Warmup(Peak, WarmupSteps);
        private readonly double _floor = Checked(Floor);

        public override double At(int step)
        {
            if (step < WarmupSteps) return _rise.At(step);
            double progress = Math.Clamp((step - WarmupSteps) / (double)Math.Max(1, Total - WarmupSteps), 0, 1);
            return _floor + (Peak - _floor) * (1 + Math.Cos(Math.PI * progress)) / 2;
        }
    }
}
