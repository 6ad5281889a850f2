using AutogradCore.Cli;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

public sealed class WholeFileTests
{
    [Test]
    public void A_folder_that_is_not_there_is_named()
    {
        using TemporaryFolder folder = new();
        Assert.That(() => WholeFile.Write(folder["no/a"], "one"), Throws.TypeOf<OutputException>().With.Message.Contains("no/a"));
    }
}
