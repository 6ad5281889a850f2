using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>One tensor cut along an axis into several outputs;
/// dx is the outputs' gradients side by side, zero for an output nothing used.</summary>
public sealed class Split : Op
{
    private readonly int _axis;
    private readonly int[] _lengths;

    /// <summary>Cuts along <paramref name="axis"/> into parts of the given lengths.</summary>
    public Split(int axis, params ReadOnlySpan<int> lengths) => (_axis, _lengths) = (axis, lengths.ToArray());

    /// <inheritdoc/>
    public override string OperandName(int index) => "x";

    /// <inheritdoc/>
    public override void Infer(Signature s)
    {
        s.RequireCount(1, 1);
        int along = s[0].Axis(_axis);
        s.Require(_lengths.Sum() == s[0][along],
            $"parts of {string.Join(" + ", _lengths)} do not make up axis {along} of length {s[0][along]}.");
        foreach (int length in _lengths) s.Output(s[0].With(along, length), s.DType(0));
    }

    /// <inheritdoc/>
    public override void Forward(in ForwardContext c)
    {
        for (int i = 0, start = 0; i < _lengths.Length; start += _lengths[i++])
            c.Backend.Copy(Part(c[0], start, _lengths[i]), Into(c.Output(i)));
    }

    /// <inheritdoc/>
    public override void Gradient(in GradientContext c)
    {
        if (!c.Wants(0, out Destination dx)) return;
        bool complete = true;
        for (int i = 0; i < _lengths.Length; i++) complete &= c.OutputGradient(i).Exists;
        if (!dx.Accumulates && !complete) c.Backend.Fill(dx.View, 0);
        for (int i = 0, start = 0; i < _lengths.Length; start += _lengths[i++])
        {
            View part = Part(dx.View, start, _lengths[i]);
            if (c.OutputGradient(i) is { Exists: true } dy) c.Backend.Copy(dy, dx.Accumulates ? AddTo(part) : Into(part));
        }
    }

    private View Part(in View x, int start, int length) => x.Slice(x.Shape.Axis(_axis), start, length);
}

public readonly partial struct Value
{
    /// <summary>Cuts along an axis into parts of the given lengths, which must add up to it.</summary>
    public Value[] Split(int axis, params ReadOnlySpan<int> lengths) => new Split(axis, lengths).ApplyAll(this);
}
