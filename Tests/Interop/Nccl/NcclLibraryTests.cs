using AutogradCore.Interop;
using NUnit.Framework;

namespace AutogradCore.Tests.Interop;

public sealed class NcclLibraryTests
{
    private readonly FakeNccl _nccl = new();

    [Test]
    public void A_library_that_is_not_there_is_a_reason_for_each_name()
    {
        bool opened = NcclLibrary.TryOpen(["libnothing-a.so.2", "libnothing-b.so"], out NcclLibrary? library, out string? reason);
        Assert.That((opened, library), Is.EqualTo((false, (NcclLibrary?)null)));
        Assert.That(reason, Does.Contain("libnothing-a.so.2").And.Contain("libnothing-b.so"));
    }

    [Test, Platform("Linux")]
    public void A_library_of_something_else_is_a_reason_with_the_functions_that_it_has_not()
    {
        Assert.That(NcclLibrary.TryOpen(["libc.so.6"], out _, out string? reason), Is.False);
        Assert.That(reason, Does.StartWith("libc.so.6 (of no version) lacks ncclGetVersion, ")
            .And.EndWith("NCCL 2.18 or later is needed"));
    }

    [Test]
    public void An_older_library_is_a_reason_with_its_version()
    {
        _nccl.Version = 21703;
        _nccl.Missing.Add("ncclCommSplit");
        Assert.That(NcclLibrary.TryBind("old", _nccl.Symbol, out _, out string? reason), Is.False);
        Assert.That(reason, Is.EqualTo("old (2.17.3) lacks ncclCommSplit; NCCL 2.18 or later is needed"));
    }

    [Test]
    public void A_library_that_does_not_tell_its_version_is_a_reason()
    {
        FakeNccl mute = new();
        mute.Errors["ncclGetVersion"] = NcclResult.InternalError;
        Assert.That(NcclLibrary.TryBind("mute", mute.Symbol, out _, out string? reason), Is.False);
        Assert.That(reason, Is.EqualTo("mute: ncclGetVersion gave InternalError (3)"));
    }

    [TestCase(2804, ExpectedResult = "2.8.4")]
    [TestCase(21805, ExpectedResult = "2.18.5")]
    [TestCase(22907, ExpectedResult = "2.29.7")]
    public string Versions_are_read_as_NCCL_writes_them(int code) => NcclLibrary.VersionText(code);
}
