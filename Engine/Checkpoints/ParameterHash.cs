namespace AutogradCore;

/// <summary>One short text that is equal exactly when all parameters are equal, bit for bit.</summary>
public static class ParameterHash
{
    /// <summary>SHA-256 over names, element types, shapes and bytes, in order; 64 lower-case hexadecimal digits.</summary>
    /// <param name="parameters">In the model's order, whatever stages they live on.</param>
    /// <exception cref="ModelException">A parameter has no values yet.</exception>
    public static string Of(IReadOnlyList<Parameter> parameters)
    {
        using TensorDigest digest = new();
        foreach (Parameter parameter in parameters) digest.Add(parameter.Name, parameter.Data);
        return digest.ToHex();
    }
}
