using System.Diagnostics.CodeAnalysis;

namespace AutogradCore.Pipeline;

/// <summary>One cell of a schedule: <c>2F0</c> is stage 2, forward, microbatch 0. Prints and parses as PyTorch's text.</summary>
/// <param name="Stage">The stage, from 0.</param>
/// <param name="Kind">What is done.</param>
/// <param name="Microbatch">The microbatch, from 0; <see cref="NoMicrobatch"/> where <see cref="ActionKinds.IsStageWide"/>; the
/// batch of an update.</param>
public readonly record struct Action(int Stage, ActionKind Kind, int Microbatch) : ISpanParsable<Action>
{
    /// <summary>The number in place of a microbatch in actions about a whole stage.</summary>
    public const int NoMicrobatch = -1;

    /// <summary>The same stage and microbatch with another kind: what <c>1I2</c> is to <c>1F2</c>.</summary>
    /// <param name="kind">The other kind.</param>
    public Action As(ActionKind kind) => this with { Kind = kind };

    /// <summary>The text that <see cref="Parse(string, IFormatProvider?)"/> reads back.</summary>
    public override string ToString() =>
        Microbatch == NoMicrobatch ? $"{Stage}{Kind.Text()}" : $"{Stage}{Kind.Text()}{Microbatch}";

    /// <summary>Reads <c>[stage][kind][microbatch]</c>, for example <c>2F0</c>, <c>1I3</c>,
    /// <c>0SEND_F1</c> or <c>1UNSHARD</c>.</summary>
    /// <param name="s">The text, without spaces.</param>
    /// <param name="provider">Ignored: the text is the same in every culture.</param>
    /// <exception cref="ScheduleFormatException">The text is something else; names the text and the position.</exception>
    public static Action Parse(string s, IFormatProvider? provider = null) => Parse(s.AsSpan(), provider);

    /// <inheritdoc cref="Parse(string, IFormatProvider?)"/>
    public static Action Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) =>
        ActionParser.Read(s, out var action) is { } mistake
            ? throw new ScheduleFormatException(s.ToString(), mistake.Position, mistake.Expected)
            : action;

    /// <summary>Reads an action, or answers false.</summary>
    /// <param name="s">The text, without spaces.</param>
    /// <param name="result">The action, when the answer is true.</param>
    public static bool TryParse(ReadOnlySpan<char> s, out Action result) => ActionParser.Read(s, out result) is null;

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out Action result) => TryParse(s, out result);

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Action result) =>
        TryParse(s.AsSpan(), out result);
}
