namespace AutogradCore.Kernels.Simt;

/// <summary>A place in a kernel's source.</summary>
/// <param name="File">The source file, as the compiler saw it.</param>
/// <param name="Line">The line, from 1.</param>
internal readonly record struct Site(string File, int Line)
{
    /// <summary>File name and line: <c>GemmTiled.cs:41</c>.</summary>
    public override string ToString() => $"{Path.GetFileName(File)}:{Line}";
}
