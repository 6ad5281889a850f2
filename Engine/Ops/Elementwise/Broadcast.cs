using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>y = f(a, b) where axes of length 1, and missing outer axes, stretch.
/// What was stretched forward is summed backward.</summary>
public abstract class Broadcast : Op
{
    /// <inheritdoc/>
    public override void Infer(Signature s)
    {
        s.RequireCount(2, 2);
        DType dtype = s.RequireFloating();
        Shape? shape = Shape.Broadcast(s[0], s[1]);
        s.Require(
            shape is not null, "the shapes do not broadcast.", "axes are aligned at the inner end; lengths must agree or be 1");
        s.Output(shape!.Value, dtype);
    }

    /// <summary>Writes or adds <paramref name="full"/>, summed over the axes along which the destination was stretched.</summary>
    private protected static void Reduce(IBackend backend, in View full, in Destination d)
    {
        if (full.Shape == d.View.Shape) backend.Copy(full, d);
        else backend.Sum(full, d);
    }

    /// <summary>Writes or adds f(a, b), summed likewise.</summary>
    private protected static void Reduce<TOp>(in GradientContext c, in View a, in View b, in Destination d)
        where TOp : struct, IBinary<TOp>
    {
        if (c.OutputShape() == d.View.Shape)
        {
            c.Backend.Zip<TOp>(a, b, d);
            return;
        }
        using Temporary full = c.Scratch(c.OutputShape(), d.View.DType);
        c.Backend.Zip<TOp>(a, b, Into(full.View));
        c.Backend.Sum(full.View, d);
    }
}
