using System.Runtime.InteropServices;
using System.Text;

namespace AutogradCore.Interop;

/// <summary>Looks for the native libraries that this project can use, and asks each for its version.</summary>
/// <remarks>Nothing is initialised: no context, no communicator, no process group.</remarks>
public static unsafe class NativeLibraryProbe
{
    private const int MpiMaxVersionString = 8192; // The larger of Open MPI's 256 and MPICH's 8192.

    /// <summary>The CUDA driver, by <c>cuDriverGetVersion</c>.</summary>
    public static NativeProbe Cuda()
        => Probe("CUDA driver", OperatingSystem.IsWindows() ? ["nvcuda.dll"] : ["libcuda.so.1"], "cuDriverGetVersion", entry =>
    {
        int version;
        int status = ((delegate* unmanaged[Cdecl]<int*, int>)entry)(&version);
        return status == 0
            ? $"{version / 1000}.{version % 1000 / 10}"
            : throw new InvalidOperationException($"cuDriverGetVersion gave CUDA error {status}");
    });

    /// <summary>NCCL, by <c>ncclGetVersion</c>.</summary>
    public static NativeProbe Nccl() => Probe("NCCL", [.. NcclSearch.Candidates()], "ncclGetVersion", entry =>
    {
        int version;
        int status = ((delegate* unmanaged[Cdecl]<int*, int>)entry)(&version);
        return status == 0
            ? NcclLibrary.VersionText(version)
            : throw new InvalidOperationException($"ncclGetVersion gave error {status}");
    });

    /// <summary>An MPI library, Open MPI or MPICH, by <c>MPI_Get_library_version</c>,
    /// which the standard allows before MPI_Init.</summary>
    public static NativeProbe Mpi()
        => Probe("MPI", OperatingSystem.IsWindows() ? ["msmpi.dll"] : ["libmpi.so.40", "libmpich.so.12", "libmpi.so.12"],
        "MPI_Get_library_version", entry =>
        {
            byte* text = stackalloc byte[MpiMaxVersionString];
            int length;
            int status = ((delegate* unmanaged[Cdecl]<byte*, int*, int>)entry)(text, &length);
            if (status != 0) throw new InvalidOperationException($"MPI_Get_library_version gave error {status}");
            return Encoding.UTF8.GetString(text, Math.Clamp(length, 0, MpiMaxVersionString)).Split('\n', '\0')[0].Trim();
        });

    /// <summary>Loads the first library of a list that can be loaded and asks it for its version.</summary>
    internal static NativeProbe Probe(string name, string[] libraries, string entryPoint, Func<nint, string> version)
    {
        List<string> reasons = [];
        foreach (string library in libraries)
        {
            nint handle = 0;
            try
            {
                handle = NativeLibrary.Load(library);
                return new NativeProbe(name, true, library, version(NativeLibrary.GetExport(handle, entryPoint)), null);
            }
            catch (Exception error) when (error is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException
                or InvalidOperationException)
            {
                reasons.Add(Reason(library, error));
            }
            finally
            {
                if (handle != 0) NativeLibrary.Free(handle);
            }
        }
        return NativeProbe.Missing(name, string.Join("; ", reasons));
    }

    /// <summary>The loader's own line about the library, without the advice around it.</summary>
    internal static string Reason(string library, Exception error) =>
        error.Message.Split('\n').Select(line => line.Trim()).FirstOrDefault(
            line => line.StartsWith($"{library}:", StringComparison.Ordinal))
        ?? (error is DllNotFoundException ? $"{library}: not found" : $"{library}: {error.Message.Split('\n')[0].Trim()}");
}
