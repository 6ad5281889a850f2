using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

/// <summary>A tensor of 2^31 bytes, one more than a span can hold.</summary>
[Category("Exhaustive")]
public sealed class LargeTensorTests
{
    [Test]
    public void A_checkpoint_with_a_tensor_of_2_to_the_31_bytes_is_read_again()
    {
        const long needed = 12L << 30;
        if (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes < needed) Assert.Ignore("less than 12 GiB of memory");
        using TemporaryFolder folder = new();
        if (new DriveInfo(folder.Root).AvailableFreeSpace < needed / 4) Assert.Ignore("less than 3 GiB of disk");
        using ReferenceBackend backend = new();
        using Parameter first = Parameter.From<double>(backend, [1, 2], [2], "first");
        using Tensor values = new(backend, [16384, 16384], DType.Float64);
        using Parameter large = Parameter.From<double>(backend, values.View.Span<double>(), [16384, 16384], "large");
        Span<double> numbers = large.Data.View.Span<double>();
        for (int i = 0; i < numbers.Length; i++) numbers[i] = i;
        Checkpoint.Save(folder["a"], [first, large], [], new CheckpointState(0, 1, new Dictionary<string, string>()));
        numbers.Clear();
        Checkpoint.Load(folder["a"], [first, large], []);
        int wrong = -1;
        for (int i = 0; i < numbers.Length && wrong < 0; i++)
            if (numbers[i] != i) wrong = i;
        Assert.That(wrong, Is.EqualTo(-1));
    }
}
