namespace AutogradCore.Pipeline;

/// <summary>What the numbers on a timeline mean.</summary>
public enum TimeUnit
{
    /// <summary>Abstract units, for example 1 = one forward.</summary>
    Units,

    /// <summary>Seconds.</summary>
    Seconds,
}
