using System.Diagnostics;
using System.Runtime.InteropServices;
using AutogradCore.Interop;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Interop;

/// <summary>The binding against a library that a C compiler made, <c>nccl_stub.c</c>.</summary>
public sealed unsafe class NcclAbiTests
{
    private readonly TemporaryFolder _folder = new();
    private string _path = "";
    private NcclLibrary _library = null!;

    [OneTimeSetUp]
    public void Compile()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("the stub is compiled for Linux and macOS");
        _path = _folder["libnccl-stub.so"];
        ProcessStartInfo cc = new("cc") { RedirectStandardError = true };
        string source = Path.Combine(Repository.Root, "Tests/Interop/Nccl/nccl_stub.c");
        foreach (string argument in new[] { "-shared", "-fPIC", "-O1", "-std=c11", "-o", _path, source })
            cc.ArgumentList.Add(argument);
        try
        {
            using Process compiler = Process.Start(cc)!;
            string said = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            Assert.That(compiler.ExitCode, Is.Zero, said);
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            Assert.Ignore($"there is no C compiler here: {error.Message}");
        }
        Assert.That(NcclLibrary.TryOpen([_path], out NcclLibrary? library, out string? reason), reason);
        _library = library!;
    }

    [OneTimeTearDown]
    public void Remove() => _folder.Dispose();

    [Test]
    public void Every_check_passes_on_a_C_library()
    {
        NcclReport report = NcclSelfTest.Run(_library, new HostNcclDevice());
        Assert.That(report.Checks.Where(c => !c.Passed), Is.Empty);
        Assert.That((report.Library, report.Version), Is.EqualTo((_path, "2.30.7")));
    }

    [Test]
    public void All_bytes_of_an_id_arrive_by_value()
    {
        Nccl nccl = new(_library, () => { });
        NcclUniqueId id = nccl.CreateUniqueId();
        using NcclCommunicator joined = nccl.Join(id, ranks: 1, rank: 0, blocking: true);
        NcclUniqueId received = default;
        ((delegate* unmanaged[Cdecl]<NcclUniqueId*, void>)Export("stub_received_id"))(&received);
        Assert.That(((ReadOnlySpan<byte>)received).ToArray(), Is.EqualTo(((ReadOnlySpan<byte>)id).ToArray()));
        Assert.That(((ReadOnlySpan<byte>)id).ToArray().Distinct().Count(), Is.GreaterThan(100));
    }

    [Test]
    public void Every_field_of_a_configuration_arrives_where_C_looks_for_it()
    {
        Nccl nccl = new(_library, () => { });
        using NcclCommunicator joined = nccl.Join(nccl.CreateUniqueId(), ranks: 1, rank: 0, blocking: false);
        NcclConfig received = default;
        ((delegate* unmanaged[Cdecl]<NcclConfig*, void>)Export("stub_received_config"))(&received);
        Assert.That((received.Size, received.Magic, received.Version, received.Blocking),
            Is.EqualTo(((nuint)96, 0xcafebeef, 23007u, 0)));
        Assert.That(((delegate* unmanaged[Cdecl]<nuint>)Export("stub_config_size"))(), Is.EqualTo((nuint)sizeof(NcclConfig)));
        Assert.That(((delegate* unmanaged[Cdecl]<NcclConfig*, int>)Export("stub_config_is_unset"))(&received), Is.EqualTo(1));
    }

    private nint Export(string name) => NativeLibrary.GetExport(NativeLibrary.Load(_path), name);
}
