using AutogradCore.Interop;
using NUnit.Framework;

namespace AutogradCore.Tests.Interop;

public sealed class NativeLibraryProbeTests
{
    [Test]
    public void A_missing_library_is_a_value_with_a_reason_for_each_name()
    {
        NativeProbe probe = NativeLibraryProbe.Probe("nothing", ["libnothing-a.so.1", "libnothing-b.so.2"], "entry", _ => "1");
        Assert.That(probe.IsAvailable, Is.False);
        Assert.That(probe.Reason, Does.Contain("libnothing-a.so.1").And.Contain("libnothing-b.so.2"));
    }

    [Test, Platform("Linux")]
    public void A_library_without_the_entry_point_is_a_value_too()
    {
        NativeProbe probe = NativeLibraryProbe.Probe("C library", ["libc.so.6"], "no_such_function", _ => "1");
        Assert.That(probe.IsAvailable, Is.False);
        Assert.That(probe.Reason, Does.Contain("no_such_function"));
    }

    [Test, Platform("Linux")]
    public void A_library_that_is_there_tells_its_name_and_version()
    {
        NativeProbe probe = NativeLibraryProbe.Probe(
            "C library", ["libnothing.so.1", "libc.so.6"], "gnu_get_libc_version", entry => entry != 0 ? "2" : "");
        Assert.That(
            (probe.IsAvailable, probe.Library, probe.Version, probe.Reason), Is.EqualTo((true, "libc.so.6", "2", (string?)null)));
    }

    [Test]
    public void Every_probe_answers_on_every_machine()
    {
        foreach (NativeProbe probe in new[] { NativeLibraryProbe.Cuda(), NativeLibraryProbe.Nccl(), NativeLibraryProbe.Mpi() })
            Assert.That(probe.IsAvailable ? probe.Version : probe.Reason, Is.Not.Empty);
    }
}
