using System.Runtime.CompilerServices;
using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>The operands of one verb call, those of <see cref="DType.BFloat16"/> as floats in temporary memory.</summary>
/// <remarks>Results are rounded by <see cref="Store"/>; without it, as after an exception, nothing is written.</remarks>
internal ref struct Widening(IBackend backend)
{
    private const int MostOperands = 12;

    private Temporaries _temporaries;
    private int _count;

    /// <summary>The operand, its elements as floats if they are BFloat16; strided ones lie densely afterwards, but a transposed
    /// matrix stays one.</summary>
    public View Read(in View x)
    {
        if (x.DType != DType.BFloat16) return x;
        if (!x.IsDense && x.Shape.Rank > 1 && x.T.IsDense) return Read(x.T).T;
        View wide = Rent(x.Shape, default);
        backend.Cast(x, Into(wide));
        return wide;
    }

    /// <summary>Where floats go that <see cref="Store"/> rounds; what is added to is widened first.</summary>
    public Destination Write(in Destination y)
    {
        if (y.View.DType != DType.BFloat16) return y;
        View wide = Rent(y.View.Shape, y.View);
        if (!y.Accumulates) return Into(wide);
        backend.Cast(y.View, Into(wide));
        return AddTo(wide);
    }

    /// <summary>Where floats go that <see cref="Store"/> rounds.</summary>
    public View Write(in View y) => Write(Into(y)).View;

    /// <summary>Rounds what was written to where it belongs.</summary>
    public readonly void Store()
    {
        for (int i = 0; i < _count; i++)
            if (_temporaries[i].Narrow is { Exists: true } narrow) backend.Cast(_temporaries[i].Wide, Into(narrow));
    }

    /// <summary>Gives the memory back.</summary>
    public readonly void Dispose()
    {
        for (int i = 0; i < _count; i++) _temporaries[i].Memory.Return();
    }

    private View Rent(in Shape shape, in View narrow)
    {
        Buffer buffer = backend.Memory.RentBriefly((long)shape.ElementCount * sizeof(float));
        View wide = new(buffer, DType.Float32, shape);
        _temporaries[_count++] = (buffer, wide, narrow);
        return wide;
    }

    [InlineArray(MostOperands)]
    private struct Temporaries
    {
        private (Buffer Memory, View Wide, View Narrow) _first;
    }
}
