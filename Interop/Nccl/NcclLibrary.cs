using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace AutogradCore.Interop;

/// <summary>A loaded libnccl, 2.18 or later. Loading initialises nothing, and it stays loaded.</summary>
public sealed unsafe class NcclLibrary
{
    private NcclLibrary(string path, NcclFunctions functions, int code) => (Path, Functions, Code) = (path, functions, code);

    /// <summary>What was loaded: a name that the system's loader found, or a file.</summary>
    public string Path { get; }

    /// <summary>The version, such as <c>2.28.9</c>.</summary>
    public string Version => VersionText(Code);

    /// <summary>The version as NCCL writes it: 22809.</summary>
    internal int Code { get; }

    internal NcclFunctions Functions { get; }

    /// <summary>Loads libnccl: what AUTOGRADCORE_NCCL names; otherwise what the system's loader finds, or what lies beside
    /// CUDA or in a Python's packages.</summary>
    public static bool TryOpen([NotNullWhen(true)] out NcclLibrary? library, [NotNullWhen(false)] out string? reason) =>
        TryOpen(NcclSearch.Candidates(), out library, out reason);

    /// <summary>Loads the first of some libraries that can be used.</summary>
    internal static bool TryOpen(IEnumerable<string> candidates, [NotNullWhen(true)] out NcclLibrary? library,
        [NotNullWhen(false)] out string? reason)
    {
        List<string> reasons = [];
        foreach (string candidate in candidates)
        {
            nint handle;
            try
            {
                handle = NativeLibrary.Load(candidate);
            }
            catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
            {
                reasons.Add(NativeLibraryProbe.Reason(candidate, error));
                continue;
            }
            if (TryBind(candidate, name => NativeLibrary.TryGetExport(handle, name, out nint symbol) ? symbol : 0,
                out library, out reason))
                return true;
            NativeLibrary.Free(handle);
            reasons.Add(reason);
        }
        (library, reason) = (null, string.Join("; ", reasons));
        return false;
    }

    /// <summary>A library by its functions; a missing one is a reason.</summary>
    internal static bool TryBind(string path, Func<string, nint> symbol, [NotNullWhen(true)] out NcclLibrary? library,
        [NotNullWhen(false)] out string? reason)
    {
        (library, reason) = (null, null);
        NcclFunctions functions = new(symbol);
        int code = 0;
        NcclResult result = functions.GetVersion == null ? NcclResult.Success : functions.GetVersion(&code);
        string version = code == 0 ? "of no version" : VersionText(code);
        if (functions.Missing.Count > 0)
            reason = $"{path} ({version}) lacks {string.Join(", ", functions.Missing)}; NCCL 2.18 or later is needed";
        else if (result != NcclResult.Success)
            reason = $"{path}: ncclGetVersion gave {result} ({(int)result})";
        else
            library = new NcclLibrary(path, functions, code);
        return library is not null;
    }

    /// <summary>2.8.4 is 2804; from 2.9 on, 2.27.5 is 22705.</summary>
    internal static string VersionText(int code) => code < 10000
        ? $"{code / 1000}.{code % 1000 / 100}.{code % 100}"
        : $"{code / 10000}.{code % 10000 / 100}.{code % 100}";

    /// <summary>The error of a call, in NCCL's own words.</summary>
    internal NcclException Error(string function, NcclResult result, nint communicator)
    {
        string? text = Marshal.PtrToStringUTF8((nint)Functions.GetErrorString(result));
        string? last = Marshal.PtrToStringUTF8((nint)Functions.GetLastError(communicator));
        return new NcclException(function, result, string.IsNullOrWhiteSpace(last) ? $"{text}" : $"{text}; {last.Trim()}");
    }
}
