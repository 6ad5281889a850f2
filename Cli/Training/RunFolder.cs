namespace AutogradCore.Cli;

/// <summary>The files of a run.</summary>
/// <param name="Path">The folder.</param>
internal sealed record RunFolder(string Path)
{
    public string Checkpoint => this["checkpoint.safetensors"];

    public string LossTable => this["loss.csv"];

    public string LossChart => this["loss.svg"];

    public string Trace => this["timeline.json"];

    public string TimelinePicture => this["timeline.svg"];

    public string Summary => this["summary.json"];

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Refuses a folder inside the data: what is written there would be read as data when the run is resumed.</summary>
    /// <exception cref="UsageException">It lies there, and not below a folder that reading skips.</exception>
    public void RequireOutside(IReadOnlyList<string> data)
    {
        foreach (string folder in data.Where(Directory.Exists))
        {
            string relative = System.IO.Path.GetRelativePath(folder, Path);
            string[] parts = relative.Split('/', '\\');
            if (System.IO.Path.IsPathRooted(relative) || parts[0] == "..") continue;
            if (parts.Any(p => (p.StartsWith('.') && p != ".") || p is "bin" or "obj" or "artifacts")) continue;
            throw new UsageException(
                $"--out {Path} lies inside the data {folder}: its files would be read as data when the run is resumed.",
                "choose a folder outside, or one below 'artifacts', which is never read");
        }
    }
}
