using NUnit.Framework;

namespace AutogradCore.Tests.Backends;

public sealed class OptimizerTests(BackendCase on) : BackendTests(on)
{
    private static readonly Shape[] Shapes = [[], [0], [1], [31], [5, 33]];

    [Test]
    public void Sgd_follows_its_formula([Values(0, 0.9)] double momentum, [Values(0, 0.3)] double dampening,
        [Values] bool nesterov, [Values] bool first)
    {
        SgdStep step = new(0.1, momentum, dampening, nesterov, WeightDecay: 0.01, first, GradientScale: 0.5);
        foreach (Shape shape in Shapes)
        {
            double[] w = Values(shape), gradient = Values(shape),
                velocity = first ? Repeat(double.NaN, shape.ElementCount) : Values(shape);
            View vw = Place(shape, w), vGradient = Place(shape, gradient), vVelocity = Place(shape, velocity);
            Expected[] weights = new Expected[w.Length], velocities = new Expected[w.Length];
            for (int i = 0; i < w.Length; i++)
            {
                double g = 0.5 * gradient[i] + 0.01 * w[i], m = first ? g : momentum * velocity[i] + (1 - dampening) * g;
                double size = Math.Abs(gradient[i]) + Math.Abs(w[i]) + (first ? 0 : Math.Abs(velocity[i]));
                weights[i] = new(w[i] - 0.1 * (nesterov ? g + momentum * m : m), 16 * size);
                velocities[i] = new(m, 8 * size);
            }
            B.Sgd(vw, vGradient, vVelocity, step);
            Close(Read(vw), weights, $"w {shape}");
            Close(Read(vVelocity), velocities, $"velocity {shape}");
            SameBits(Read(vGradient), gradient, "the gradient is only read");
        }
    }

    [Test]
    public void Without_momentum_Sgd_needs_no_velocity()
    {
        double[] w = Values(33), gradient = Values(33);
        View vw = Place([33], w), vGradient = Place([33], gradient);
        B.Sgd(vw, vGradient, default, new SgdStep(0.1, 0, 0, false, 0.01, FirstStep: false, 2));
        Close(Read(vw), [.. w.Zip(gradient, (x, g) =>
            new Expected(x - 0.1 * (2 * g + 0.01 * x), 8 * (Math.Abs(x) + Math.Abs(g))))]);
    }

    [Test]
    public void Adam_follows_its_formula_step_after_step([Values] bool decoupled, [Values(0, 0.1)] double decay)
    {
        (double rate, double beta1, double beta2, double epsilon, double scale) = (1e-2, 0.9, 0.99, 1e-8, 0.25);
        foreach (Shape shape in Shapes)
        {
            double[] w = Values(shape), m = new double[w.Length], v = new double[w.Length], wSlack = new double[w.Length],
                mSlack = new double[w.Length];
            View vw = Place(shape, w), v1 = Place(shape, m), v2 = Place(shape, v);
            for (int t = 1; t <= 3; t++)
            {
                AdamStep step =
                    new(rate, beta1, beta2, epsilon, decay, decoupled, 1 - Math.Pow(beta1, t), 1 - Math.Pow(beta2, t), scale);
                double[] gradient = Values(shape);
                B.Adam(vw, Place(shape, gradient), v1, v2, step);
                for (int i = 0; i < w.Length; i++)
                {
                    double g = scale * gradient[i] + (decoupled ? 0 : decay * w[i]),
                        size = Math.Abs(scale * gradient[i]) + Math.Abs(decay * w[i]);
                    (m[i], v[i]) = (beta1 * m[i] + (1 - beta1) * g, beta2 * v[i] + (1 - beta2) * g * g);
                    double update = m[i] / step.Correction1 / (Math.Sqrt(v[i] / step.Correction2) + epsilon);
                    w[i] = (decoupled ? w[i] * (1 - rate * decay) : w[i]) - rate * update;
                    mSlack[i] += 8 * size;
                    // What the coupled decay adds to g is as uncertain as w; relative to g that counts in the root as in m.
                    wSlack[i] += 8 * Math.Abs(w[i]) + rate * 32 * (mSlack[i] + size) / (Math.Sqrt(v[i]) + epsilon);
                }
            }
            Close(Read(vw), [.. w.Zip(wSlack, (x, s) => new Expected(x, s))], $"w {shape}");
            Close(Read(v1), [.. m.Zip(mSlack, (x, s) => new Expected(x, s))], $"m {shape}");
            Close(Read(v2), [.. v.Zip(mSlack, (x, s) => new Expected(x, 8 * s * (1 + s)))], $"v {shape}");
        }
    }

    [Test]
    public void A_zero_gradient_leaves_the_weights_of_Adam_and_AdamW_decays_them()
    {
        double[] w = Values(5);
        View zero = Place([5], Repeat(0, 5)), kept = Place([5], w), decayed = Place([5], w);
        AdamStep step = new(0.5, 0.9, 0.99, 1e-8, 0, true, 0.1, 0.01, 1);
        B.Adam(kept, zero, Place([5], Repeat(0, 5)), Place([5], Repeat(0, 5)), step);
        SameBits(Read(kept), w);
        B.Adam(decayed, zero, Place([5], Repeat(0, 5)), Place([5], Repeat(0, 5)), step with { WeightDecay = 0.5 });
        Close(Read(decayed), [.. w.Select(x => new Expected(0.75 * x, 4 * Math.Abs(x)))]);
    }
}
