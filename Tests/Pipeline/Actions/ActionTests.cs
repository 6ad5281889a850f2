using AutogradCore.Pipeline;
using NUnit.Framework;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

public sealed class ActionTests
{
    [TestCase("2F0", 2, ActionKind.Forward, 0)]
    [TestCase("1I3", 1, ActionKind.BackwardInputs, 3)]
    [TestCase("0W3", 0, ActionKind.BackwardWeights, 3)]
    [TestCase("2B5", 2, ActionKind.Backward, 5)]
    [TestCase("0SEND_F1", 0, ActionKind.SendForward, 1)]
    [TestCase("1RECV_F1", 1, ActionKind.ReceiveForward, 1)]
    [TestCase("10SEND_B11", 10, ActionKind.SendBackward, 11)]
    [TestCase("1UNSHARD", 1, ActionKind.Unshard, Action.NoMicrobatch)]
    [TestCase("0RESHARD", 0, ActionKind.Reshard, Action.NoMicrobatch)]
    [TestCase("3REDUCE_GRAD", 3, ActionKind.ReduceGradient, Action.NoMicrobatch)]
    [TestCase("3U2", 3, ActionKind.Update, 2)]
    [TestCase("9RECV_B2147483646", 9, ActionKind.ReceiveBackward, 2147483646)]
    public void Text_reads_as_PyTorch_writes_it(string text, int stage, ActionKind kind, int microbatch) =>
        Assert.That(Action.Parse(text), Is.EqualTo(new Action(stage, kind, microbatch)));

    [Test]
    public void Every_kind_round_trips([Values] ActionKind kind, [Values(0, 7, 4096)] int stage, [Values(0, 12)] int microbatch)
    {
        var action = new Action(stage, kind, kind.IsStageWide() ? Action.NoMicrobatch : microbatch);
        Assert.That(Action.Parse(action.ToString()), Is.EqualTo(action));
    }

    [TestCase("", 0)]
    [TestCase("F0", 0)]
    [TestCase("-1F0", 0)]
    [TestCase("2", 1)]
    [TestCase("2f0", 1)]
    [TestCase("2 F0", 1)]
    [TestCase("1UNSHARD0", 8)]
    [TestCase("2SEND_0", 1)]
    [TestCase("2F", 2)]
    [TestCase("2F-1", 2)]
    [TestCase("2F2147483647", 2)]
    [TestCase("2F0x", 3)]
    [TestCase("2F0 ", 3)]
    public void Garbage_is_refused_with_its_position(string text, int position)
    {
        var error = Assert.Throws<ScheduleFormatException>(() => Action.Parse(text))!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Action.TryParse(text, out _), Is.False);
            Assert.That(error.Position, Is.EqualTo(position));
            Assert.That(error.Text, Is.EqualTo(text));
            Assert.That(error.Message, Does.Contain($"'{text}' at position {position}").And.Contain("Hint: "));
        }
    }

    [Test]
    public void No_text_is_not_an_action() => Assert.That(Action.TryParse(null, null, out _), Is.False);
}
