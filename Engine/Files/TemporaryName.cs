using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace AutogradCore;

/// <summary>The name of a file that is written beside its destination before it replaces it:
/// <c>.&lt;destination&gt;.&lt;process&gt;.&lt;12 hexadecimal digits&gt;.tmp</c>.</summary>
internal static class TemporaryName
{
    private const string End = ".tmp";
    private const int Digits = 12;

    /// <summary>A new name.</summary>
    public static string For(string destination) =>
        string.Create(CultureInfo.InvariantCulture,
            $"{Start(destination)}{Environment.ProcessId}.{RandomNumberGenerator.GetHexString(Digits, lowercase: true)}{End}");

    /// <summary>Deletes what writers of the same destination left when they were killed. A writer that still runs holds a lock
    /// on its file, so that file stays.</summary>
    public static void RemoveLeftOver(string folder, string destination)
    {
        try
        {
            foreach (string path in Directory.EnumerateFiles(folder))
                if (IsLeftOver(Path.GetFileName(path), destination)) RemoveUnlessLocked(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A folder that cannot be listed may still be written; if not, writing says so.
        }
    }

    private static bool IsLeftOver(string name, string destination)
    {
        string start = Start(destination);
        if (!name.StartsWith(start, StringComparison.Ordinal) || !name.EndsWith(End, StringComparison.Ordinal)) return false;
        string[] parts = name[start.Length..^End.Length].Split('.');
        return parts is [var process, { Length: Digits } digits]
            && int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            && digits.All(char.IsAsciiHexDigitLower)
            && !Runs(id);
    }

    private static void RemoveUnlessLocked(string path)
    {
        try
        {
            // A writer on another machine is seen by its lock, and not by its process.
            new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.None, 0, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It is in use or somebody else's; what was asked for is the new file.
        }
    }

    private static bool Runs(int process)
    {
        try
        {
            if (OperatingSystem.IsLinux() && IsZombie(process)) return false;
            using Process other = Process.GetProcessById(process);
            return !other.HasExited;
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            return false;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return true; // it is another user's
        }
    }

    /// <summary>Whether a process has ended and its parent has not looked yet.</summary>
    private static bool IsZombie(int process)
    {
        try
        {
            string status = File.ReadAllText($"/proc/{process}/stat");
            return status.AsSpan(status.LastIndexOf(')') + 1).TrimStart() is ['Z' or 'X', ..];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Start(string destination) => $".{destination}.";
}
