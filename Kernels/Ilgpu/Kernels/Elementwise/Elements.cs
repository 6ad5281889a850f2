using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>A result that each element has by itself: a <typeparamref name="TOne"/>, of four neighbours a
/// <typeparamref name="TFour"/>.</summary>
internal interface IElements<TOne, TFour>
{
    /// <summary>Element <paramref name="i"/>.</summary>
    TOne One(int i);

    /// <summary>Writes it.</summary>
    void Put(int i, TOne y);

    /// <summary>Four neighbours, number <paramref name="q"/> of views that are dense.</summary>
    TFour Four(int q);

    /// <summary>Writes them.</summary>
    void Put(int q, TFour y);
}

/// <summary>How lanes share elements: one each of views that are strided or start in between; of dense ones two fours each, so
/// that 16 bytes or more of each operand are on their way to every lane, and what is left over one by one.</summary>
internal static class Elements
{
    public static void Run<TElements, T>(TElements elements, int count, int inFours)
        where TElements : struct, IElements<T, Quad<T>>
        where T : unmanaged, INumber<T> => Run<TElements, T, Quad<T>>(elements, count, inFours);

    public static void Run<TElements, TOne, TFour>(TElements elements, int count, int inFours)
        where TElements : struct, IElements<TOne, TFour>
    {
        int lane = Grid.IdxX * Group.DimX + Group.IdxX;
        if (inFours == 0)
        {
            if (lane < count) elements.Put(lane, elements.One(lane));
            return;
        }
        int fours = count >> 2, q = 2 * Grid.IdxX * Group.DimX + Group.IdxX, r = q + Group.DimX;
        if (r < fours)
        {
            TFour first = elements.Four(q), second = elements.Four(r);
            elements.Put(q, first);
            elements.Put(r, second);
        }
        else if (q < fours)
        {
            elements.Put(q, elements.Four(q));
        }
        if (lane < (count & 3)) elements.Put(4 * fours + lane, elements.One(4 * fours + lane));
    }
}
