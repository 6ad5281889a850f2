using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Backends;

public sealed class RotaryTests(BackendCase on) : BackendTests(on)
{
    private static readonly Shape[] Shapes =
        [[1, 1, 1, 2], [2, 3, 2, 8], [1, 33, 3, 32], [0, 3, 2, 4], [2, 0, 2, 4], [2, 3, 2, 0], [2, 5, 1, 6]];

    [Test]
    public void Pairs_half_a_head_apart_turn_with_their_position([Values(0, 17)] int offset, [Values] bool inverse)
    {
        RotaryOptions options = new(Base: 500, offset, inverse);
        foreach (Shape shape in Shapes)
        {
            double[] x = Values(shape);
            Expected[] expected = new Expected[x.Length];
            for (int i = 0; i < x.Length; i++)
            {
                int size = shape[3], d = i % size, pair = d % (size / 2), time = i / size / shape[2] % shape[1];
                double angle = (offset + time) / Math.Pow(500, 2.0 * pair / size) * (inverse ? -1 : 1);
                double a = x[i - d + pair], b = x[i - d + pair + size / 2];
                double turned =
                    d < size / 2 ? Math.Cos(angle) * a - Math.Sin(angle) * b : Math.Sin(angle) * a + Math.Cos(angle) * b;
                expected[i] = new(turned, (8 + 2 * Math.Abs(angle)) * (Math.Abs(a) + Math.Abs(b)));
            }
            View vx = Place(shape, x);
            Check(shape, expected, y => B.Rotary(vx, options, y));
            CheckInPlace(shape, x, expected, v => B.Rotary(v, options, Into(v)));
        }
    }

    [Test]
    public void The_inverse_undoes_it()
    {
        Shape shape = [2, 31, 3, 16];
        double[] x = Values(shape);
        View vx = Place(shape, x);
        B.Rotary(vx, new RotaryOptions(), Into(vx));
        B.Rotary(vx, new RotaryOptions(Inverse: true), Into(vx));
        Close(Read(vx), [.. x.Select(v => new Expected(v, 300))]);
    }
}
