using AutogradCore.Cli;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

public sealed class TextTableTests
{
    [Test]
    public void Columns_are_as_wide_as_their_cells()
    {
        TextTable table = new("name", "µs");
        table.Add("F", "12.5");
        table.Add("[I]", "");
        Assert.That(table.Draw(80), Is.EqualTo(
            """
            ╭──────┬──────╮
            │ name │ µs   │
            ├──────┼──────┤
            │ F    │ 12.5 │
            │ [I]  │      │
            ╰──────┴──────╯

            """.ReplaceLineEndings("\n")));
    }

    [Test]
    public void Empty_heads_are_left_out()
    {
        TextTable table = new("", "");
        table.Add("a", "b");
        Assert.That(table.Draw(80), Is.EqualTo("╭───┬───╮\n│ a │ b │\n╰───┴───╯\n"));
    }

    [TestCase("one two three", 15, "one two|three")]
    [TestCase("abcdefghij", 14, "abcdef|ghij")]
    [TestCase("a\nb", 80, "a|b")]
    [TestCase("one two three", 3, "o|n|e|t|w|o|t|h|r|e|e")]
    public void The_widest_column_wraps_at_spaces_or_where_it_must(string cell, int width, string lines)
    {
        TextTable table = new("", "");
        table.Add("x", cell);
        string[] drawn = table.Draw(width).Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..^1];
        Assert.That(string.Join('|', drawn.Select(line => line.Split('│')[2].Trim())), Is.EqualTo(lines));
        Assert.That(drawn.Select(line => line.Length), Is.All.EqualTo(drawn[0].Length).And.All.AtMost(Math.Max(width, 9)));
    }

    [Test]
    public void A_row_with_too_few_cells_is_refused() =>
        Assert.That(() => new TextTable("a", "b").Add("1"), Throws.InstanceOf<ArgumentException>());
}
