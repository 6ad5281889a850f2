using System.Diagnostics;
using System.Text;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

public sealed class ByteCorpusTests
{
    [Test]
    public void A_folder_gives_its_text_files_in_ordinal_order_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        folder.Write("b.txt", "B"u8);
        folder.Write("a/z.txt", "Z"u8);
        folder.Write("a-b.txt", "-"u8);
        folder.Write("A.txt", "é"u8);
        folder.Write("empty.txt", []);
        folder.Write("image", [1, 0, 2]);
        folder.Write("latin1.txt", [(byte)'e', 0xe9]);
        foreach (string skipped in new[] { ".git/x", ".hidden", "bin/x", "obj/x", "artifacts/x", "a/bin/x" })
            folder.Write(skipped, "no"u8);

        var corpus = ByteCorpus.Load(folder.Root);
        Assert.That(corpus.Files.Select(f => f.Name), Is.EqualTo(new[] { "A.txt", "a-b.txt", "a/z.txt", "b.txt" }));
        Assert.That(Encoding.UTF8.GetString(corpus.Bytes.Span), Is.EqualTo("é-ZB"));
        Assert.That(corpus.Files[1], Is.EqualTo(new CorpusFile("a-b.txt", 2, 1)));
    }

    [Test]
    public void A_name_that_is_not_UTF8_is_an_error_and_not_passed_over()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("names are UTF-16 there");
        using var folder = new TemporaryFolder();
        folder.Write("a.txt", "A"u8);
        Shell($"cd '{folder.Root}' && echo text > \"$(printf 'b\\377.txt')\"");
        CorpusException error = Assert.Throws<CorpusException>(() => ByteCorpus.Load(folder.Root))!;
        Shell($"cd '{folder.Root}' && rm b*.txt"); // no managed name reaches it
        Assert.That(error.Message, Does.Contain("b\uFFFD.txt").And.Contain("not UTF-8").And.Contain("Hint: "));
    }

    [Test]
    public void A_pipe_is_read_once_and_to_its_end()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("needs mkfifo");
        using var folder = new TemporaryFolder();
        Shell($"mkfifo '{folder["pipe"]}'");
        byte[] text = [.. Enumerable.Range(0, 100_000).Select(i => (byte)('a' + i % 26))];
        using Task writer = Task.Run(() => File.WriteAllBytes(folder["pipe"], text));
        Assert.That(ByteCorpus.Load(folder["pipe"]).Bytes.ToArray(), Is.EqualTo(text));
        writer.Wait();
    }

    [TestCase(0, "no text")]
    [TestCase(8191, null)]
    [TestCase(8192, null)]
    [TestCase(8193, null)]
    [TestCase(16384, null)]
    [TestCase(50_000, null)]
    public void Files_of_any_length_are_read_whole(int length, string? problem)
    {
        using var folder = new TemporaryFolder();
        byte[] text = [.. Enumerable.Range(0, length).Select(i => (byte)('a' + i % 26))];
        string path = folder.Write("text", text);
        if (problem is null) Assert.That(ByteCorpus.Load(path).Bytes.ToArray(), Is.EqualTo(text));
        else Assert.That(() => ByteCorpus.Load(path), Throws.TypeOf<CorpusException>().With.Message.Contains(problem));
    }

    private static void Shell(string line)
    {
        using Process shell = Process.Start("/bin/sh", ["-c", line]);
        shell.WaitForExit();
        Assert.That(shell.ExitCode, Is.Zero);
    }

    [Test]
    public void Named_files_keep_their_order_and_count_once()
    {
        using var folder = new TemporaryFolder();
        string b = folder.Write("b", "B"u8), a = folder.Write("a", "A"u8);
        Assert.That(Encoding.UTF8.GetString(ByteCorpus.Load(b, folder.Root, a).Bytes.Span), Is.EqualTo("BA"));
    }

    [Test]
    public void A_folder_named_bin_is_loaded_when_it_is_asked_for()
    {
        using var folder = new TemporaryFolder();
        folder.Write("bin/x", "X"u8);
        Assert.That(ByteCorpus.Load(folder["bin"]).Bytes.Length, Is.EqualTo(1));
    }

    [TestCase(new byte[] { 65, 66, 0 }, 2)]
    [TestCase(new byte[] { 0xc3, 0xa9, 0xff, 65 }, 2)]
    [TestCase(new byte[] { 65, 0xe2, 0x82 }, 1)]
    public void A_named_file_that_is_not_text_is_an_error_at_its_first_bad_byte(byte[] bytes, long offset)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("x.dat", bytes);
        CorpusException error = Assert.Throws<CorpusException>(() => ByteCorpus.Load(path))!;
        Assert.That((error.Path, error.Offset), Is.EqualTo((path, offset)));
        Assert.That(error.Message, Does.StartWith($"{path}, byte {offset}: ").And.Contain("Hint: "));
    }

    [Test]
    public void Missing_and_empty_paths_are_typed_errors()
    {
        using var folder = new TemporaryFolder();
        string empty = folder.Write("empty", []);
        Assert.That(() => ByteCorpus.Load(folder["none"]), Throws.TypeOf<CorpusException>().With.Message.Contains("none"));
        Assert.That(() => ByteCorpus.Load(""), Throws.TypeOf<CorpusException>());
        foreach (string[] paths in new string[][] { [], [empty], [folder.Root] })
            Assert.That(() => ByteCorpus.Load(paths),
                Throws.TypeOf<CorpusException>().With.Message.Contains("no text found").And.Message.Contains("Hint: "));
    }

    [TestCase(0)]
    [TestCase(0.1)]
    [TestCase(0.5)]
    [TestCase(0.99)]
    [TestCase(0.9999999999999999)]
    public void Split_takes_the_end_of_each_file_and_loses_no_byte(double heldOut)
    {
        using var folder = new TemporaryFolder();
        int[] lengths = [100, 1, 1, 7, 1000, 3];
        string text = string.Concat(lengths.Select((n, i) => new string((char)('a' + i), n)));
        for (int i = 0; i < lengths.Length; i++)
            folder.Write($"{i}", Encoding.UTF8.GetBytes(new string((char)('a' + i), lengths[i])));
        (ReadOnlyMemory<byte> training, ReadOnlyMemory<byte> held) = ByteCorpus.Load(folder.Root).Split(heldOut);
        Assert.That(held.Length, Is.EqualTo((int)((decimal)heldOut * text.Length)));
        string both = Encoding.UTF8.GetString(training.Span) + Encoding.UTF8.GetString(held.Span);
        Assert.That(both.Order(), Is.EqualTo(text.Order()));
        Assert.That(Encoding.UTF8.GetString(held.Span), Is.Ordered);
        Assert.That(held.Span.Count((byte)'e'), Is.EqualTo(1000 * heldOut).Within(1));
    }

    [TestCase(1)]
    [TestCase(-0.1)]
    [TestCase(double.NaN)]
    public void Split_refuses_a_fraction_outside_its_range(double heldOut)
    {
        using var folder = new TemporaryFolder();
        var corpus = ByteCorpus.Load(folder.Write("a", "A"u8));
        Assert.That(() => corpus.Split(heldOut), Throws.TypeOf<ArgumentOutOfRangeException>());
    }
}
