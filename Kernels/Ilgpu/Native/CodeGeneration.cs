using System.Reflection;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Functions that become single instructions. On ILGPU's simulator their C# bodies run.</summary>
internal static class CodeGeneration
{
    /// <summary>Tells a context, before it compiles its first kernel. A function Foo of <see cref="TensorCore"/>,
    /// <see cref="AsyncCopy"/> or <see cref="Fused"/> is written by its method WriteFoo in PTX, and replaced by its method FooInC
    /// in OpenCL.</summary>
    public static void Install(Context context)
    {
        foreach (Type type in new[] { typeof(TensorCore), typeof(AsyncCopy), typeof(Fused) })
            foreach (MethodInfo function in type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.NonPublic))
                if (function.IsDefined(typeof(IntrinsicImplementationAttribute)))
                    Install(context.GetIntrinsicManager(), type, function);
    }

    private static void Install(IntrinsicImplementationManager manager, Type type, MethodInfo function)
    {
        manager.RegisterMethod(
            function, new PTXIntrinsic(type, "Write" + function.Name, IntrinsicImplementationMode.GenerateCode));
        if (type.GetMethod(function.Name + "InC", BindingFlags.NonPublic | BindingFlags.Static) is { } inC)
            manager.RegisterMethod(function, new CLIntrinsic(type, inC.Name, IntrinsicImplementationMode.Redirect));
    }
}
