extern alias simt;

using NUnit.Framework;
using NUnit.Framework.Internal;
using simt::AutogradCore.Kernels.Simt;

namespace AutogradCore.Tests.Backends;

/// <summary>One backend and element type that the verb tests run on.</summary>
/// <param name="Name">How the fixture is called.</param>
/// <param name="DType">The floating type of the operands.</param>
/// <param name="Open">Makes the backend; where its device is missing it calls
/// <see cref="Assert.Ignore(string)"/> with the reason.</param>
public sealed record BackendCase(string Name, DType DType, Func<IBackend> Open)
{
    /// <summary>Whether each lane is emulated, so that a block costs milliseconds: tests keep shapes small there.</summary>
    public bool IsEmulated => Name is "simt" or "ilgpu";

    public override string ToString() => $"{Name} {DType}";
}

/// <summary>The backends under test. A new one is a line here: name, category, factory, and whether its code
/// depends on the machine's vector width, so that its tests run again on narrower vectors.</summary>
public static class BackendCases
{
    /// <summary>The category of tests whose subject is vector code.</summary>
    public const string VectorCode = "VectorCode";

    /// <summary>The category of tests that run only when all are asked for: <c>./build.sh test --all</c>.</summary>
    public const string Exhaustive = "Exhaustive";

    private static readonly (string Name, string Category, Func<IBackend> Open, bool IsVectorCode)[] Known =
    [
        ("reference", "Cpu", () => new ReferenceBackend(), false),
        ("host, 1 thread", "Cpu", () => new AutogradCore.Kernels.HostBackend(1), true),
        ("host, 2 threads", "Cpu", () => new AutogradCore.Kernels.HostBackend(2), true),
        ("simt", "Cpu", () => new SimtBackend(), false),
        ("ilgpu", Exhaustive, () => new AutogradCore.Kernels.IlgpuBackend("cpu"), false), // some minutes
    ];

    /// <summary>Every backend with every floating type.</summary>
    public static IEnumerable<TestFixtureData> Floats => Cases(DType.Float32, DType.Float64);

    /// <summary>Every backend once, in floats.</summary>
    public static IEnumerable<TestFixtureData> Singles => Cases(DType.Float32);

    /// <summary>Every backend in double, for finite differences.</summary>
    public static IEnumerable<TestFixtureData> Doubles => Cases(DType.Float64);

    private static IEnumerable<TestFixtureData> Cases(params DType[] dtypes)
    {
        foreach ((string name, string category, Func<IBackend> open, bool isVectorCode) in Known)
            foreach (DType dtype in dtypes)
            {
                TestFixtureData data = new(new BackendCase(name, dtype, open));
                data.Properties.Add(PropertyNames.Category, category);
                if (isVectorCode) data.Properties.Add(PropertyNames.Category, VectorCode);
                yield return data;
            }
    }
}
