using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

[Parallelizable]
public sealed class SafetensorsFuzzTests
{
    [Test]
    public void Every_truncation_is_refused()
    {
        using var folder = new TemporaryFolder();
        byte[] whole = Whole(folder);
        for (int length = 0; length < whole.Length; length++)
            Assert.That(Opens(folder, whole[..length]), Is.False, $"cut to {length} of {whole.Length} bytes");
    }

    [Test]
    public void Random_damage_is_refused_or_leaves_valid_entries()
    {
        using var folder = new TemporaryFolder();
        byte[] whole = Whole(folder);
        RandomStream random = RandomStream.Named("damage", seed: 1);
        int opened = 0;
        const int trials = 3000;
        for (int trial = 0; trial < trials; trial++)
        {
            RandomStream dice = random with { Stream = (ulong)trial };
            byte[] damaged = [.. whole];
            int flips = 1 + (int)dice.Below(0, 3);
            for (int flip = 1; flip <= flips; flip++)
                damaged[dice.Below(2 * flip, whole.Length)] = (byte)dice.Below((2 * flip) + 1, 256);
            opened += Opens(folder, damaged) ? 1 : 0;
        }
        Assert.That(opened, Is.InRange(1, trials - 1), "damage in the data is invisible, damage in the header is not");
    }

    private static byte[] Whole(TemporaryFolder folder)
    {
        var writer = new SafetensorsWriter();
        writer.Metadata["k"] = "v";
        writer.Add("a", "F32", [2, 3], new byte[24]);
        writer.Add("b", "U8", [5], new byte[5]);
        writer.Save(folder["whole"]);
        return File.ReadAllBytes(folder["whole"]);
    }

    private static bool Opens(TemporaryFolder folder, byte[] bytes)
    {
        try
        {
            using SafetensorsFile file = SafetensorsFile.Open(folder.Write("fuzzed", bytes));
            long total = 0;
            foreach (string name in file.Names)
            {
                total += file.Bytes(name).Length;
                foreach (byte b in file.Bytes(name))
                    total += b & 0;
            }
            Assert.That(total, Is.LessThan(bytes.Length));
            return true;
        }
        catch (CheckpointException error)
        {
            Assert.That(error.Offset, Is.InRange(0, bytes.Length), error.Message);
            return false;
        }
    }
}
