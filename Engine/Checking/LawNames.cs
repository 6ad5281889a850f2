namespace AutogradCore.Checking;

/// <summary>The laws that a check reports, as <see cref="LawReport.Law"/> names them.</summary>
public static class LawNames
{
    /// <summary>Phase: I computes no parameter gradient.</summary>
    public const string Untouched = "BackwardInputs leaves every parameter gradient untouched, bit for bit";

    /// <summary>Phase: the split changes no bit.</summary>
    public const string SplitIsWhole = "BackwardInputs then BackwardWeights gives the bits of Backward";

    /// <summary>Gradients accumulate.</summary>
    public const string Accumulates = "running twice gives exactly double";

    /// <summary>Poison: undeclared memory is not read.</summary>
    public const string Poison = "rules read only what they declare (freed memory is NaN)";

    /// <summary>Declared bytes are the bytes held.</summary>
    public const string Bytes = "bytes held after each phase are those declared";

    /// <summary>Roles: what else is wanted changes no gradient.</summary>
    public const string RolesAgree = "a gradient is the same whichever other operands are wanted, as inputs or as parameters";

    /// <summary>Fused weights: <see cref="Op.GradientSum"/> changes no bit.</summary>
    public const string Batches = "weights of several microbatches in one call have the bits of one call after another";
}
