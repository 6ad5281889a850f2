using System.Reflection;
using System.Runtime.InteropServices;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Finds the drivers under the names that a machine without development packages has.</summary>
internal static class NativeLibraries
{
    private static readonly Lock Gate = new();
    private static bool _installed;

    /// <summary>Why there is no CUDA driver, or null.</summary>
    public static string? CudaReason { get; private set; }

    /// <summary>Why there is no OpenCL, or null.</summary>
    public static string? OpenClReason { get; private set; }

    /// <summary>Makes ILGPU look for <c>libcuda.so.1</c> and <c>libOpenCL.so.1</c>; once per process.</summary>
    public static void Install()
    {
        lock (Gate)
        {
            if (_installed) return;
            _installed = true;
            NativeLibrary.SetDllImportResolver(typeof(Context).Assembly, Resolve);
            CudaReason = Missing(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", "CUDA driver");
            OpenClReason = Missing(OperatingSystem.IsWindows() ? "OpenCL.dll" : "libOpenCL.so.1", "OpenCL loader");
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name switch
    {
        "cuda" when NativeLibrary.TryLoad("libcuda.so.1", out nint cuda) => cuda,
        "OpenCL" when NativeLibrary.TryLoad("libOpenCL.so.1", out nint openCl) => openCl,
        _ => 0,
    };

    private static string? Missing(string library, string what) =>
        NativeLibrary.TryLoad(library, out _) ? null : $"no {what} ({library}) can be loaded";
}
