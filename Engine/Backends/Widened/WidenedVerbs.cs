namespace AutogradCore;

/// <summary>
/// What a verb means on <see cref="DType.BFloat16"/>, for backends without code of their own for it: operands are widened to
/// floats, the backend's verb on floats runs, and each result is rounded once when it is stored. What is added to is widened,
/// added in floats and rounded once.
/// </summary>
/// <param name="backend">Whose <see cref="IBackend.Cast"/> converts between the two types, and whose verbs compute.</param>
/// <remarks>Single and BFloat16 may meet in one verb; each operand has its own type. Verbs that stand for several in a row, such
/// as <see cref="IBackend.GemmMap{TOp}"/>, round between them.</remarks>
public sealed partial class WidenedVerbs(IBackend backend)
{
    /// <summary>Whether one of these operands, absent ones included, is BFloat16.</summary>
    public static bool Are(in View a, in View b) => a.DType == DType.BFloat16 || b.DType == DType.BFloat16;

    /// <summary>Whether one of these operands is BFloat16.</summary>
    public static bool Are(in View a, in View b, in View c) => Are(a, b) || c.DType == DType.BFloat16;

    /// <summary>Whether one of these operands is BFloat16.</summary>
    public static bool Are(in View a, in View b, in View c, in View d) => Are(a, b) || Are(c, d);

    /// <summary>Whether one of these operands is BFloat16.</summary>
    public static bool Are(in View a, in View b, in View c, in View d, in View e) => Are(a, b) || Are(c, d, e);

    /// <summary>Whether one of these operands is BFloat16.</summary>
    public static bool Are(ReadOnlySpan<GemmTerm> terms, in View c, in View d)
    {
        foreach (ref readonly GemmTerm term in terms)
            if (Are(term.A, term.B)) return true;
        return Are(c, d);
    }
}
