namespace AutogradCore.Interop;

/// <summary>A call of the CUDA driver's that failed.</summary>
public sealed class CudaException : AutogradException
{
    internal CudaException(string function, int code, string? name)
        : base($"{function} gave {name ?? "an error"} ({code}).") => (Function, Code) = (function, code);

    /// <summary>The function, such as <c>cuCtxSetCurrent</c>.</summary>
    public string Function { get; }

    /// <summary>What it gave: <c>CUresult</c>.</summary>
    public int Code { get; }
}
