namespace AutogradCore.Pipeline;

/// <summary>The choices of the zero-bubble heuristic that no rule decides: all are tried.</summary>
/// <param name="WaitForFirstInputs">Before the first I of a rank no F starts that would delay it.</param>
/// <param name="InputsFirst">I go before F; otherwise the two take turns.</param>
/// <param name="NeverWait">W run in any gap, even if they delay F or I.</param>
/// <param name="DeepFirst">Of several F, that of the later stage.</param>
internal readonly record struct GreedyOptions(bool WaitForFirstInputs, bool InputsFirst, bool NeverWait, bool DeepFirst)
{
    internal static IEnumerable<GreedyOptions> All(bool severalStages) =>
        from bits in Enumerable.Range(0, severalStages ? 16 : 8)
        select new GreedyOptions((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) == 0);
}
