namespace AutogradCore;

/// <summary>Where a kernel's result goes, and whether it overwrites or accumulates: visible at every call as
/// <c>Into(y)</c> or <c>AddTo(dx)</c> (with <c>using static AutogradCore.Destination</c>).</summary>
public readonly struct Destination
{
    private Destination(in View view, bool accumulates) => (View, Accumulates) = (view, accumulates);

    /// <summary>The elements to write.</summary>
    public View View { get; }

    /// <summary>True: the result is added to what is there. False: what is there is overwritten and never read.</summary>
    public bool Accumulates { get; }

    /// <summary>Whether a result is wanted at all; kernels with several results skip the absent ones.</summary>
    public bool Exists => View.Exists;

    /// <summary>Overwrites <paramref name="view"/>; its old content is never read.</summary>
    public static Destination Into(in View view) => new(view, false);

    /// <summary>Adds to <paramref name="view"/>.</summary>
    public static Destination AddTo(in View view) => new(view, true);

    /// <summary>The same destination under another shape of equal element count.</summary>
    public Destination Reshape(in Shape shape) => new(View.Reshape(shape), Accumulates);
}
