using AutogradCore.Cli;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

public sealed class LossHistoryTests
{
    private static readonly CheckpointState Old = new(1, 7, new Dictionary<string, string>());

    [Test]
    public void A_checkpoint_without_rows_takes_those_of_the_table_up_to_its_step()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["loss.csv"], History().ToCsv());
        LossHistory resumed = new();
        resumed.Resume(Old, folder["loss.csv"]);
        Assert.That(resumed.Rows, Is.EqualTo(History().Rows.Take(2)));
    }

    [TestCase("what is this")]
    [TestCase("step,loss,held_out_loss,learning_rate,gradient_norm,seconds\n1,2")]
    public void A_table_is_needed_whole_only_where_the_checkpoint_has_no_rows(string table)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["loss.csv"], table);
        Assert.That(() => new LossHistory().Resume(Old, folder["loss.csv"]),
            Throws.TypeOf<CorpusException>().With.Message.Contains("loss.csv"));
        LossHistory resumed = new();
        resumed.Resume(Old with { Records = History().ToRecords() }, folder["loss.csv"]);
        Assert.That(resumed.Rows, Is.EqualTo(History().Rows.Select(r => r with { Seconds = double.NaN })));
    }

    [Test]
    public void Times_come_from_rows_of_the_same_step_and_loss_alone()
    {
        using TemporaryFolder folder = new();
        LossHistory other = new();
        other.Add(History().Rows[1]);
        other.Add(History().Rows[2] with { Loss = 2.5 });
        File.WriteAllText(folder["loss.csv"], other.ToCsv());
        LossHistory resumed = new();
        resumed.Resume(Old with { Step = 2, Records = History().ToRecords() }, folder["loss.csv"]);
        Assert.That(resumed.Rows.Select(r => r.Seconds), Is.EqualTo(new[] { double.NaN, 0.25, double.NaN }));
    }

    [Test]
    public void Columns_of_unequal_length_are_refused()
    {
        Dictionary<string, IReadOnlyList<double>> records = History().ToRecords();
        records["loss"] = [1];
        Assert.That(() => new LossHistory().Resume(Old with { Records = records }, "none"), Throws.TypeOf<CheckpointException>());
    }

    private static LossHistory History()
    {
        LossHistory history = new();
        history.Add(new LossRow(0, double.NaN, 5.5, double.NaN, double.NaN, double.NaN));
        history.Add(new LossRow(1, 1.0 / 3, double.NaN, 1e-3, 0.1, 0.25));
        history.Add(new LossRow(2, 0.25, 4.5, 2e-3, double.NaN, 0.5));
        return history;
    }
}
