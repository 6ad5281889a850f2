using AutogradCore.Checking;
using AutogradCore.Kernels;
using NUnit.Framework;

namespace AutogradCore.Tests.Checking;

/// <summary>Two backends side by side, and a wrong one caught.</summary>
public sealed class BackendCheckTests
{
    [Test]
    public void The_host_backend_agrees_with_the_reference_on_every_op()
    {
        using HostBackend host = new(2);
        BackendCheckResult[] results = [.. BackendCheck.Run(host)];
        Assert.That(results.Where(r => !r.Passed), Is.Empty);
        Assert.That(results, Has.Length.EqualTo(2 * OpCatalog.Samples.Count));
    }

    [Test]
    public void A_kernel_that_is_a_thousandth_off_is_named()
    {
        using OffBackend off = new();
        string[] wrong = [.. BackendCheck.Run(off).Where(r => !r.Passed).Select(r => r.Sample.Split(':')[0]).Distinct()];
        Assert.That(wrong, Does.Contain("Softmax").And.Not.Contain("Gelu"));
    }

    [Test]
    public void A_NaN_on_one_side_is_infinitely_wrong()
    {
        using NanBackend nan = new();
        BackendCheckResult result = BackendCheck.Run(nan, OpCatalog.Samples.Where(s => s.Name == "Softmax")).First();
        Assert.That(result.Error, Is.EqualTo(double.PositiveInfinity));
    }

    private sealed class OffBackend : ReferenceBackend
    {
        public override void Softmax(in View x, in Destination y)
        {
            base.Softmax(x, y);
            Affine(y.View, 1.001, 0, y);
        }
    }

    private sealed class NanBackend : ReferenceBackend
    {
        public override void Softmax(in View x, in Destination y) => Fill(y.View, double.NaN);
    }
}
