using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

public sealed class DeviceFlushTests
{
    [Test]
    public void A_file_and_its_folder_are_flushed()
    {
        using TemporaryFolder folder = new();
        using FileStream file = File.Create(folder["a"]);
        Assert.That(() => DeviceFlush.System.File(file.SafeFileHandle, file.Name), Throws.Nothing);
        Assert.That(() => DeviceFlush.System.Folder(folder.Root), Throws.Nothing);
    }

    [Test]
    [Platform("Linux", Reason = "this device is there and cannot be flushed")]
    public void The_refusal_of_the_operating_system_is_an_error()
    {
        using FileStream device = new("/dev/null", FileMode.Open, FileAccess.Write);
        Assert.That(() => device.Flush(flushToDisk: true), Throws.Nothing, "what .NET makes of the same refusal");
        Assert.That(() => DeviceFlush.System.File(device.SafeFileHandle, device.Name),
            Throws.InstanceOf<IOException>().With.Message.Contains("/dev/null"));
    }
}
