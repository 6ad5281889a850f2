using NUnit.Framework;

namespace AutogradCore.Tests;

/// <summary>What the compiler and <c>dotnet format</c> do not check.</summary>
public sealed class SourceTests
{
    private const int Columns = 130; // max_line_length of .editorconfig

    private static readonly string[] Built = ["bin", "obj", "artifacts"];

    [Test]
    public void No_line_of_code_is_longer_than_130_columns()
    {
        var files = Directory.EnumerateDirectories(Repository.Root)
            .Where(folder => !Path.GetFileName(folder).StartsWith('.')).SelectMany(Files).ToArray();
        Assert.That(files, Has.Length.GreaterThan(100));
        Assert.That(files.SelectMany(LongLines), Is.Empty);
    }

    private static IEnumerable<string> Files(string folder) => Built.Contains(Path.GetFileName(folder))
        ? []
        : Directory.EnumerateFiles(folder, "*.cs").Concat(Directory.EnumerateDirectories(folder).SelectMany(Files));

    private static IEnumerable<string> LongLines(string file) =>
        File.ReadLines(file).Index().Where(line => line.Item.Length > Columns)
            .Select(line => $"{Path.GetRelativePath(Repository.Root, file)}:{line.Index + 1}");
}
