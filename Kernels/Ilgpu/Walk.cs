namespace AutogradCore.Kernels.Ilgpu;

/// <summary>From the number of an element, row-major, to its place in a strided view: written out, since kernels cannot index a
/// struct.</summary>
internal struct Walk
{
    private int _dense, _l1, _l2, _l3, _l4, _l5, _s0, _s1, _s2, _s3, _s4, _s5;

    /// <summary>The walks of views of one shape, some of them stretched with <see cref="View.BroadcastTo"/>. Axes that lie one
    /// after the other in all of them are walked as one.</summary>
    public static void Of(in View a, in View b, in View c, out Walk walkA, out Walk walkB, out Walk walkC)
    {
        Shape shape = a.Shape;
        Span<int> lengths = stackalloc int[Shape.MaxRank];
        Span<int> axes = stackalloc int[Shape.MaxRank]; // the inner axis of each merged run
        int rank = 0;
        for (int i = 0; i < shape.Rank; i++)
        {
            if (shape[i] == 1) continue;
            if (rank > 0 && Follows(a, axes[rank - 1], i) && Follows(b, axes[rank - 1], i) && Follows(c, axes[rank - 1], i))
            {
                lengths[rank - 1] *= shape[i];
                axes[rank - 1] = i;
            }
            else
            {
                (lengths[rank], axes[rank]) = (shape[i], i);
                rank++;
            }
        }
        (walkA, walkB, walkC) = (New(a, lengths[..rank], axes), New(b, lengths[..rank], axes), New(c, lengths[..rank], axes));
    }

    /// <summary>The walks of two views of one shape.</summary>
    public static void Of(in View a, in View b, out Walk walkA, out Walk walkB) => Of(a, b, a, out walkA, out walkB, out _);

    /// <summary>The walk of one view.</summary>
    public static Walk Of(in View a)
    {
        Of(a, default, default, out Walk walk, out _, out _);
        return walk;
    }

    /// <summary>Elements at equal distances.</summary>
    public static Walk Along(int stride) =>
        new() { _dense = stride == 1 ? 1 : 0, _l1 = 1, _l2 = 1, _l3 = 1, _l4 = 1, _l5 = int.MaxValue, _s5 = stride };

    /// <summary>Whether elements lie one after the other.</summary>
    public readonly bool IsDense => _dense != 0;

    /// <summary>From each element to the next, where that is the same for all; else 0.</summary>
    public readonly int Step => _l1 == 1 && _l2 == 1 && _l3 == 1 && _l4 == 1 ? _s5 : 0;

    /// <summary>Whether all elements lie whole fours from the first.</summary>
    public readonly bool GoesInFours => ((_s0 | _s1 | _s2 | _s3 | _s4 | _s5) & 3) == 0;

    /// <summary>Where element <paramref name="i"/> lies, in elements from the first.</summary>
    public readonly int this[int i]
    {
        get
        {
            if (_dense != 0) return i;
            int rest = i / _l5, at = (i - rest * _l5) * _s5;
            if (rest == 0) return at;
            int next = rest / _l4;
            at += (rest - next * _l4) * _s4;
            if (next == 0) return at;
            rest = next / _l3;
            at += (next - rest * _l3) * _s3;
            if (rest == 0) return at;
            next = rest / _l2;
            at += (rest - next * _l2) * _s2;
            rest = next / _l1;
            return at + (next - rest * _l1) * _s1 + rest * _s0;
        }
    }

    /// <summary>Whether axis <paramref name="outer"/> steps over exactly axis <paramref name="inner"/>; an absent view does not
    /// mind.</summary>
    private static bool Follows(in View view, int outer, int inner) =>
        !view.Exists || view.Stride(outer) == view.Stride(inner) * view.Shape[inner];

    private static Walk New(in View view, ReadOnlySpan<int> lengths, ReadOnlySpan<int> axes)
    {
        Walk walk = new() { _l1 = 1, _l2 = 1, _l3 = 1, _l4 = 1, _l5 = 1 };
        if (!view.Exists || lengths.Length == 0) return walk;
        if (lengths.Length == 1 && view.Stride(axes[0]) == 1) walk._dense = 1;
        for (int i = 0; i < lengths.Length; i++)
        {
            int length = Math.Max(1, lengths[^(i + 1)]), stride = view.Stride(axes[lengths.Length - 1 - i]);
            switch (i)
            {
                case 0: (walk._l5, walk._s5) = (length, stride); break;
                case 1: (walk._l4, walk._s4) = (length, stride); break;
                case 2: (walk._l3, walk._s3) = (length, stride); break;
                case 3: (walk._l2, walk._s2) = (length, stride); break;
                case 4: (walk._l1, walk._s1) = (length, stride); break;
                default: walk._s0 = stride; break;
            }
        }
        return walk;
    }
}
