namespace AutogradCore.Tests.Engine;

/// <summary>A new empty folder that is deleted with everything in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("autogradcore-").FullName;

    public string this[string relative] => Path.Combine(Root, relative);

    public string Write(string relative, ReadOnlySpan<byte> bytes)
    {
        string path = this[relative];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
