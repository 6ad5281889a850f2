namespace AutogradCore;

/// <summary>The files of a folder that may be text, in an order that is the same on each machine.</summary>
internal static class TextFolder
{
    /// <summary>
    /// All files below a folder, sorted by relative path with '/' (ordinal), without hidden ones and links, and without whatever
    /// lies in a hidden folder or in one called bin, obj or artifacts. The folder itself may be called anything.
    /// </summary>
    /// <exception cref="CorpusException">A name cannot be read, so its file cannot be opened.</exception>
    public static IEnumerable<(string Path, string Name)> Files(string root)
    {
        var found = new List<(string Path, string Name)>();
        Collect(new DirectoryInfo(root), "", found);
        return found.OrderBy(f => f.Name, StringComparer.Ordinal);
    }

    /// <summary>Refuses a name whose bytes are no UTF-8: no path leads to such a file, and to leave it out would change the
    /// data without a word.</summary>
    private static void RequireName(FileSystemInfo entry)
    {
        if (entry.Name.Contains('\uFFFD', StringComparison.Ordinal) && !Path.Exists(entry.FullName))
            throw new CorpusException(entry.FullName, null, "this name is not UTF-8, so the file cannot be opened.",
                "Rename it, or move it out of the folder.");
    }

    private static void Collect(DirectoryInfo folder, string prefix, List<(string Path, string Name)> found)
    {
        foreach (FileSystemInfo entry in folder.EnumerateFileSystemInfos())
        {
            if (entry.Name.StartsWith('.')) continue;
            RequireName(entry);
            if ((entry.Attributes & (FileAttributes.Hidden | FileAttributes.ReparsePoint)) != 0) continue;
            if (entry is not DirectoryInfo child)
                found.Add((entry.FullName, prefix + entry.Name));
            else if (entry.Name is not ("bin" or "obj" or "artifacts"))
                Collect(child, prefix + entry.Name + "/", found);
        }
    }
}
