using System.Globalization;
using System.Runtime.InteropServices;

namespace AutogradCore;

/// <summary>Pages of 2 MiB, where the system gives them to those who ask: one entry of the page table in place of 512,
/// and one page fault.</summary>
/// <remarks>Advice, no more: where it is not taken, memory works as before. Linux only (<c>madvise</c>).</remarks>
public static partial class HugePages
{
    /// <summary>The size and alignment of a huge page in bytes.</summary>
    public const long Size = 2 << 20;

    private const string Settings = "/sys/kernel/mm/transparent_hugepage/";
    private const int AdviseHugePage = 14; // MADV_HUGEPAGE in <sys/mman.h>

    /// <summary>Why nothing is advised on this machine; null when it is.</summary>
    public static string? Reason { get; } = FindReason();

    /// <summary>Asks for huge pages under the whole ones that lie in a range of memory.</summary>
    /// <returns>The bytes advised: 0 where the system offers none or refuses.</returns>
    public static long Advise(nint pointer, long bytes)
    {
        nint first = (nint)((pointer + Size - 1) / Size * Size);
        long whole = (bytes - (first - pointer)) / Size * Size;
        return whole > 0 && Reason is null && madvise(first, (nuint)whole, AdviseHugePage) == 0 ? whole : 0;
    }

    /// <summary>Bytes of the mapping around an address that are in huge pages now, as <c>/proc/self/smaps</c> says; null when
    /// it is not there.</summary>
    /// <remarks>For diagnosis: it reads a long file.</remarks>
    public static long? ResidentAround(nint pointer)
    {
        const string file = "/proc/self/smaps", key = "AnonHugePages:";
        if (!File.Exists(file)) return null;
        bool inside = false;
        foreach (string line in File.ReadLines(file))
        {
            if (MappingHolds(line, pointer) is { } holds) inside = holds;
            else if (inside && line.StartsWith(key, StringComparison.Ordinal))
                return 1024 * long.Parse(line.AsSpan(key.Length, line.Length - key.Length - 2), NumberStyles.AllowLeadingWhite
                    | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
        }
        return null;
    }

    /// <summary>Whether a line such as <c>7f00-7f10 rw-p ...</c> spans an address; null when it is no such line.</summary>
    private static bool? MappingHolds(string line, nint pointer)
    {
        int dash = line.IndexOf('-', StringComparison.Ordinal), space = line.IndexOf(' ', StringComparison.Ordinal);
        return dash > 0 && space > dash && Address(line.AsSpan(0, dash), out ulong from)
            && Address(line.AsSpan(dash + 1, space - dash - 1), out ulong to)
            ? (ulong)pointer >= from && (ulong)pointer < to
            : null;
    }

    private static bool Address(ReadOnlySpan<char> text, out ulong address) =>
        ulong.TryParse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out address);

    private static string? FindReason()
    {
        if (!OperatingSystem.IsLinux()) return "only Linux is asked for them";
        try
        {
            string enabled = File.ReadAllText(Settings + "enabled").Trim();
            if (enabled.Contains("[never]", StringComparison.Ordinal)) return $"switched off: {Settings}enabled says {enabled}";
            string size = File.ReadAllText(Settings + "hpage_pmd_size").Trim();
            if (size != Size.ToString(CultureInfo.InvariantCulture)) return $"they have {size} bytes here";
            return madvise(0, 0, AdviseHugePage) == 0 ? null : $"madvise refuses them (errno {Marshal.GetLastPInvokeError()})";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"the kernel has none ({e.Message})";
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return "there is no libc to ask";
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int madvise(nint address, nuint length, int advice);
}
