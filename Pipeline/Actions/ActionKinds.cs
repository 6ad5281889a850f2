namespace AutogradCore.Pipeline;

/// <summary>The text of each <see cref="ActionKind"/>, and what the kinds have in common.</summary>
public static class ActionKinds
{
    private static readonly string[] Texts =
        ["F", "I", "W", "B", "SEND_F", "RECV_F", "SEND_B", "RECV_B", "UNSHARD", "RESHARD", "REDUCE_GRAD", "U"];

    /// <summary>The letters of all kinds.</summary>
    internal static ReadOnlySpan<string> All => Texts;

    /// <summary>How many kinds there are.</summary>
    public static int Count => Texts.Length;

    /// <summary>PyTorch's letters for the kind: <c>F</c>, <c>I</c>, <c>W</c>, <c>B</c>, <c>SEND_F</c> ...</summary>
    /// <param name="kind">A defined kind.</param>
    public static string Text(this ActionKind kind) => Texts[(int)kind];

    /// <summary>True for F, I, W and B, which keep the rank's device busy; false for transfers and collectives.</summary>
    /// <param name="kind">A defined kind.</param>
    public static bool IsCompute(this ActionKind kind) => kind <= ActionKind.Backward;

    /// <summary>True for the four kinds of transfer between stages.</summary>
    /// <param name="kind">A defined kind.</param>
    public static bool IsTransfer(this ActionKind kind) => kind is >= ActionKind.SendForward and <= ActionKind.ReceiveBackward;

    /// <summary>True for UNSHARD, RESHARD and REDUCE_GRAD: about a whole stage, whatever the microbatch,
    /// and possibly repeated.</summary>
    /// <param name="kind">A defined kind.</param>
    public static bool IsStageWide(this ActionKind kind) => kind is >= ActionKind.Unshard and <= ActionKind.ReduceGradient;

    /// <summary>True for what comes after the W of a stage: U and REDUCE_GRAD close a batch, RESHARD takes the parameters
    /// away.</summary>
    internal static bool NeedsWeights(this ActionKind kind) =>
        kind is ActionKind.Update or ActionKind.ReduceGradient or ActionKind.Reshard;

    /// <summary>Reads the letters of a kind; upper case only, as PyTorch writes them.</summary>
    /// <param name="text">For example <c>F</c> or <c>RECV_B</c>.</param>
    /// <param name="kind">The kind, when the answer is true.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out ActionKind kind)
    {
        for (var i = 0; i < Texts.Length; i++)
        {
            kind = (ActionKind)i;
            if (text.SequenceEqual(Texts[i]))
                return true;
        }
        kind = default;
        return false;
    }
}
