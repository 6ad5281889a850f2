using AutogradCore.Tests.Backends;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Ilgpu;

/// <summary>A case of the default run, or of the exhaustive one alone.</summary>
internal static class LadderCase
{
    public static TestCaseData Of(bool isDefault, params object[] arguments)
    {
        TestCaseData test = new(arguments);
        return isDefault ? test : test.SetCategory(BackendCases.Exhaustive);
    }
}
