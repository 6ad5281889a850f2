using AutogradCore.Interop;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Interop;

public sealed class NcclSearchTests
{
    [Test]
    public void The_variable_names_the_only_candidate() =>
        Assert.That(NcclSearch.Candidates(name => name == "AUTOGRADCORE_NCCL" ? "/there/libnccl.so.2" : "x", isWindows: false),
            Is.EqualTo(new[] { "/there/libnccl.so.2" }));

    [Test]
    public void The_systems_names_come_first()
    {
        Assert.That(NcclSearch.Candidates(_ => null, isWindows: false).Take(2),
            Is.EqualTo(new[] { "libnccl.so.2", "libnccl.so" }));
        Assert.That(NcclSearch.Candidates(_ => null, isWindows: true), Is.EqualTo(new[] { "nccl.dll" }));
    }

    [TestCase("VIRTUAL_ENV", "", "lib/python3.12/site-packages/")]
    [TestCase("CONDA_PREFIX", "", "lib/python3.12/site-packages/")]
    [TestCase("PATH", "/bin", "lib/python3.12/site-packages/")]
    [TestCase("PATH", "/bin/", "lib/python3/dist-packages/")]
    [TestCase("HOME", "", ".local/lib/python3.12/site-packages/")]
    [TestCase("HOME", "", ".pyenv/versions/3.11.7/lib/python3.11/site-packages/")]
    [TestCase("PYTHONPATH", "", "")]
    public void A_wheel_is_found_in_the_packages_of_a_Python(string variable, string below, string packages)
    {
        using TemporaryFolder folder = new();
        string library = folder.Write($"{packages}nvidia/nccl/lib/libnccl.so.2", []);
        Assert.That(Candidates(variable, folder.Root + below), Does.Contain(library));
    }

    [TestCase("CUDA_HOME", "lib64/libnccl.so")]
    [TestCase("CONDA_PREFIX", "lib/libnccl.so.2")]
    public void A_library_is_found_beside_CUDA(string variable, string file)
    {
        using TemporaryFolder folder = new();
        string library = folder.Write(file, []);
        Assert.That(Candidates(variable, folder.Root), Does.Contain(library));
    }

    [Test]
    public void Folders_that_are_not_there_are_no_error() =>
        Assert.That(NcclSearch.Candidates(
            name => name == NcclSearch.Variable ? null : "/no/such/folder:relative::/", isWindows: false), Is.Not.Empty);

    private static IReadOnlyList<string> Candidates(string variable, string value) =>
        NcclSearch.Candidates(name => name == variable ? value : null, isWindows: false);
}
