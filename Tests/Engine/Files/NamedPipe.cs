using System.Runtime.InteropServices;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

/// <summary>Makes FIFOs, which .NET cannot.</summary>
internal static partial class NamedPipe
{
    public static void Make(string path) => Assert.That(mkfifo(path, 0x180), Is.Zero, "mkfifo");

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkfifo(string path, uint mode);
}
