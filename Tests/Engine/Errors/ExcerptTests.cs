using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

public sealed class ExcerptTests
{
    [Test]
    public void A_text_of_short_lines_is_shown_whole()
    {
        string grid = string.Join('\n', Enumerable.Repeat(new string('x', 200), 300)).ReplaceLineEndings();
        Assert.That(Excerpt.Of(grid), Is.EqualTo(grid));
        Assert.That(Excerpt.Of(new string('x', Excerpt.Line)), Has.Length.EqualTo(Excerpt.Line));
    }

    [Test]
    public void A_long_line_loses_its_middle_and_says_how_much()
    {
        string text = "file 'a', key 'b' is '" + new string('x', 20 << 20) + "', which is no number.";
        string shown = new AutogradException("line 1\n" + text, "look\nthere").Message;
        Assert.That(shown, Has.Length.LessThan(Excerpt.Line + 100));
        Assert.That(shown, Does.StartWith("line 1").And.Contain("file 'a', key 'b'").And.Contain("which is no number.")
            .And.Contain("characters left out").And.Contain("Hint: look"));
    }

    [Test]
    public void A_long_hint_and_many_long_lines_are_cut_too()
    {
        string lines = string.Join('\n', Enumerable.Repeat(new string('x', 1000), 2000));
        Assert.That(new AutogradException("short", new string('x', 1 << 20)).Message, Has.Length.LessThan(Excerpt.Line + 100));
        Assert.That(new AutogradException(lines).Message, Has.Length.LessThan(Excerpt.Text + 100));
    }

    [Test]
    public void No_character_outside_the_basic_plane_is_cut_in_half()
    {
        foreach (string shift in new[] { "", "x" })
            Assert.That(Excerpt.Of(shift + string.Concat(Enumerable.Repeat("😀", 3000))).EnumerateRunes()
                .Any(r => r.Value == 0xfffd), Is.False);
    }
}
