namespace AutogradCore.Checking;

/// <summary>What an operand is in one evaluation.</summary>
internal enum Role
{
    /// <summary>Data without a gradient, or a frozen parameter of a module.</summary>
    Fixed,

    /// <summary>Data with a gradient: the input side.</summary>
    Input,

    /// <summary>A parameter: the weight side.</summary>
    Parameter,
}
