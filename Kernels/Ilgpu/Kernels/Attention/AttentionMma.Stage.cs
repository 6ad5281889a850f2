namespace AutogradCore.Kernels.Ilgpu;

/// <content>Rows on their way from global memory through registers, rounded, to shared memory; or copied.</content>
internal static partial class AttentionMma<TWidth, TFormat, TStaging>
{
    /// <summary>Whether rows are sent for early: all 32, or the first sixteen of wide heads; none of wide heads in TF32, whose
    /// outer rows leave no registers for it.</summary>
    private static bool SendsAhead => !TWidth.IsWide || TFormat.PerWord > 1;

    private static int QuadsPerRow => TWidth.IsWide ? 32 : 16;

    private static int RowsPerPass => AttentionMma.Lanes / QuadsPerRow;

    /// <summary>Stages the first 64 outer rows for <see cref="LoadOuter"/>.</summary>
    public static void StageOuter<TStored, TStorage>(ArrayView<Words4> shared, AttentionRows<TStored, TStorage> rows, int first)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored> => StageOuter(shared, Outer, rows, first);

    /// <summary>Stages the second 64 outer rows; where they do not fit, their products read them from global memory.</summary>
    public static void StageSecond<TStored, TStorage>(ArrayView<Words4> shared, AttentionRows<TStored, TStorage> rows, int first)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        if (HoldsSecond) StageOuter(shared, Second, rows, first);
    }

    private static void StageOuter<TStored, TStorage>(
        ArrayView<Words4> shared, int at, AttentionRows<TStored, TStorage> rows, int first)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        if (TStaging.CopiesAhead)
        {
            CopyPanel(shared, at, rows, first);
            CopyPanel(shared, at + Mixed, rows, first + AttentionMma.Inner);
            AsyncCopy.Commit();
            return;
        }
        bool areWhole = rows.AreWhole(first, AttentionMma.Outer, 4 * QuadsPerRow);
        for (int done = 0; done < AttentionMma.Outer; done += 4 * RowsPerPass)
            Store(shared, at, done, Load(rows, first + done, areWhole));
    }

    /// <summary>Stages a block: what was sent for early, and in wide heads the other sixteen rows.</summary>
    private static void StageInner<TStored, TStorage>(ArrayView<Words4> shared, AttentionMmaAhead ahead,
        AttentionRows<TStored, TStorage> partners, AttentionRows<TStored, TStorage> mixed, int first, bool hides, bool mixesBoth)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        if (!SendsAhead) Load(ref ahead, partners, mixed, first, 0);
        Store(shared, 0, ahead, hides, mixesBoth);
        if (!TWidth.IsWide) return;
        Load(ref ahead, partners, mixed, first, 4 * RowsPerPass);
        Store(shared, 4 * RowsPerPass, ahead, hides, mixesBoth);
    }

    /// <summary>The lane's first row and feature of those that four passes of the group read.</summary>
    private static int Row => Group.IdxX / QuadsPerRow;

    private static int Feature => (Group.IdxX & (QuadsPerRow - 1)) * 4;

    /// <summary>Four passes over rows, all of their loads under way together.</summary>
    private static MmaStage Load<TStored, TStorage>(AttentionRows<TStored, TStorage> rows, int first, bool areWhole)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        MmaStage stage = default;
        if (areWhole)
        {
            long i = rows.QuadAt(first + Row, Feature), step = (long)RowsPerPass * (rows.Stride >> 2);
            stage.Q0 = rows.Whole(i);
            stage.Q1 = rows.Whole(i + step);
            stage.Q2 = rows.Whole(i + 2 * step);
            stage.Q3 = rows.Whole(i + 3 * step);
        }
        else
        {
            stage.Q0 = rows.Four(first + Row, Feature);
            stage.Q1 = rows.Four(first + Row + RowsPerPass, Feature);
            stage.Q2 = rows.Four(first + Row + 2 * RowsPerPass, Feature);
            stage.Q3 = rows.Four(first + Row + 3 * RowsPerPass, Feature);
        }
        return stage;
    }

    private static void Load<TStored, TStorage>(ref AttentionMmaAhead ahead,
        AttentionRows<TStored, TStorage> partners, AttentionRows<TStored, TStorage> mixed, int first, int row)
        where TStored : unmanaged
        where TStorage : struct, IFloatStorage<TStored>
    {
        bool areWhole = partners.AreWhole(first, AttentionMma.Inner, 4 * QuadsPerRow)
            && mixed.AreWhole(first, AttentionMma.Inner, 4 * QuadsPerRow);
        ahead.Partners = Load(partners, first + row, areWhole);
        ahead.Mixed = Load(mixed, first + row, areWhole);
    }

    private static void Store(ArrayView<Words4> shared, int row, AttentionMmaAhead ahead, bool hides, bool mixesBoth)
    {
        MmaStage p = ahead.Partners, m = ahead.Mixed;
        if (hides)
        {
            if (mixesBoth)
            {
                p = Finite(p);
            }
            else
            {
                (p.Q0, p.Q1) = (Poisoned(p.Q0, m.Q0), Poisoned(p.Q1, m.Q1));
                (p.Q2, p.Q3) = (Poisoned(p.Q2, m.Q2), Poisoned(p.Q3, m.Q3));
            }
            m = Finite(m);
        }
        Store(shared, 0, row, p);
        Store(shared, Mixed, row, m);
    }

    /// <summary>Rounds them into shared memory.</summary>
    private static void Store(ArrayView<Words4> shared, int at, int row, MmaStage stage)
    {
        int to = at + (row + Row) * Pitch + Feature / TFormat.PerWord;
        TFormat.Store(shared, to, stage.Q0);
        TFormat.Store(shared, to + RowsPerPass * Pitch, stage.Q1);
        TFormat.Store(shared, to + 2 * RowsPerPass * Pitch, stage.Q2);
        TFormat.Store(shared, to + 3 * RowsPerPass * Pitch, stage.Q3);
    }

    private static MmaStage Finite(MmaStage x) =>
        new() { Q0 = Finite(x.Q0), Q1 = Finite(x.Q1), Q2 = Finite(x.Q2), Q3 = Finite(x.Q3) };

    private static Quad<float> Finite(Quad<float> x) =>
        new() { X = Finite(x.X), Y = Finite(x.Y), Z = Finite(x.Z), W = Finite(x.W) };

    private static float Finite(float x) => float.IsFinite(x) ? x : 0;

    private static Quad<float> Poisoned(Quad<float> x, Quad<float> by) => new()
    {
        X = float.IsFinite(by.X) ? x.X : float.NaN,
        Y = float.IsFinite(by.Y) ? x.Y : float.NaN,
        Z = float.IsFinite(by.Z) ? x.Z : float.NaN,
        W = float.IsFinite(by.W) ? x.W : float.NaN,
    };
}
