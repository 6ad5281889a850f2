using AutogradCore.Pipeline;
using NUnit.Framework;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

public sealed class ScheduleTests
{
    [Test]
    public void Sizes_follow_from_the_actions()
    {
        var schedule = Schedule.FromCsv("# two stages live on rank 0\n0F0,2F0,0F1\n\n1F0\n,\n", "v");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((schedule.Ranks, schedule.Stages, schedule.Microbatches, schedule.Count), Is.EqualTo((3, 3, 2, 4)));
            Assert.That(schedule.RankOf(2), Is.Zero);
            Assert.That(schedule.RankOf(1), Is.EqualTo(1));
            Assert.That(schedule.RankOf(3), Is.EqualTo(-1));
            Assert.That(schedule.StagesOf(0), Is.EqualTo(new[] { 0, 2 }));
            Assert.That(schedule.StagesOf(2), Is.Empty);
            Assert.That(schedule.ToString(), Is.EqualTo("v: 3 ranks, 3 stages, 2 microbatches"));
        }
    }

    [Test]
    public void Equality_is_by_actions_and_ignores_the_name()
    {
        var one = Schedules.GPipe(2, 2);
        var same = Schedule.FromCsv(one.ToCsv(), "another name");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(same, Is.EqualTo(one));
            Assert.That(same.GetHashCode(), Is.EqualTo(one.GetHashCode()));
            Assert.That(Schedules.GPipe(2, 3), Is.Not.EqualTo(one));
            Assert.That(Schedules.Naive(2, 2), Is.Not.EqualTo(one));
        }
    }

    [Test]
    public void Csv_round_trips(
        [ValueSource(typeof(Schedules), nameof(Schedules.Names))] string name, [Values(1, 3)] int ranks)
    {
        foreach (var schedule in Catalogue.Sizes(name, ranks))
            Assert.That(Schedule.FromCsv(schedule.ToCsv()), Is.EqualTo(schedule));
    }

    [Test]
    public void Csv_drops_idle_cells_and_keeps_idle_ranks()
    {
        var schedule = Schedule.FromCsv("0F0,,, 0B0 ,\r\n\r\n,,\r\n,1F0,1B0\r\n");
        Assert.That(schedule.ToCsv(), Is.EqualTo("0F0,0B0\n,\n1F0,1B0\n"));
        Assert.That(Schedule.FromCsv(schedule.ToCsv()), Is.EqualTo(schedule));
    }

    [Test]
    public void Csv_without_rows_is_a_schedule_without_ranks() => Assert.That(Schedule.FromCsv("").Ranks, Is.Zero);

    [Test]
    public void A_bad_cell_is_named_by_row_and_cell()
    {
        var error = Assert.Throws<ScheduleFormatException>(() => Schedule.FromCsv("0F0,0B0\n1F0,,1X0", "plan.csv"))!;
        Assert.That(error.Message, Does.StartWith("plan.csv, row 2, cell 3: '1X0' at position 1: expected one of F, I, W, B"));
    }

    [Test]
    public void Overlapped_pairs_and_collectives_are_kept()
    {
        const string text = "0UNSHARD,0F0,(0F1;0B0)OVERLAP_F_B,0B1,0REDUCE_GRAD,0RESHARD\n";
        var schedule = Schedule.FromCsv(text);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(schedule.ToCsv(), Is.EqualTo(text));
            Assert.That(schedule.Overlapped, Is.EqualTo(new[] { new Action(0, ActionKind.Forward, 1) }));
            Assert.That((schedule.Stages, schedule.Microbatches, schedule.Count), Is.EqualTo((1, 2, 7)));
            Assert.That(ScheduleValidator.Violations(schedule), Is.Empty);
            Assert.That(Schedule.FromCsv(text.Replace("(0F1;0B0)OVERLAP_F_B", "0F1,0B0", StringComparison.Ordinal)),
                Is.Not.EqualTo(schedule));
        }
    }

    [TestCase("\"0F0\",\"0F1\"\n")]
    [TestCase(" \"0F0\" ,\t0F1 \n")]
    [TestCase("\uFEFF0F0,,0F1,\"\"")]
    [TestCase("# plan\r\n\r\n0F0,\" 0F1 \"\r\n")]
    public void Cells_may_be_quoted_and_have_spaces_around_them(string csv) =>
        Assert.That(Schedule.FromCsv(csv).ToCsv(), Is.EqualTo("0F0,0F1\n"));

    [TestCase("( 0F1 ; 0B0 ) OVERLAP_F_B")]
    [TestCase("\"(0F1; 0B0)OVERLAP_F_B\"")]
    [TestCase(" (0F1 ;0B0) OVERLAP_F_B ")]
    public void A_pair_may_have_spaces_between_its_parts(string cell) =>
        Assert.That(Schedule.FromCsv(cell).ToCsv(), Is.EqualTo("(0F1;0B0)OVERLAP_F_B\n"));

    [TestCase("0F0,\"0B0", "cell 2: '0B0' at position 3: expected a closing quote")]
    [TestCase("0F0,\"0B0\n1F0\"", "cell 2: '0B0' at position 3: expected a closing quote")]
    [TestCase("\"0F0\"x,0B0", "cell 1: '0F0x' at position 3: expected a comma after the closing quote")]
    [TestCase("\"0F0\"\"\"", "cell 1: '0F0\"' at position 3: expected the end of the action")]
    [TestCase("\"0F0,0B0\"", "cell 1: '0F0,0B0' at position 3: expected the end of the action")]
    [TestCase("(0X1 ; 0B0)OVERLAP_F_B", "cell 1: '(0X1 ; 0B0)OVERLAP_F_B' at position 2: expected one of F")]
    [TestCase("(0F1 ; 0X0)OVERLAP_F_B", "cell 1: '(0F1 ; 0X0)OVERLAP_F_B' at position 8: expected one of F")]
    public void A_bad_cell_is_quoted_with_the_place_of_its_mistake(string csv, string says) =>
        Assert.That(() => Schedule.FromCsv(csv), Throws.TypeOf<ScheduleFormatException>().With.Message.Contains(says));

    [Test]
    public void A_cell_that_never_ends_is_read_and_quoted_no_further_than_an_action_goes()
    {
        using var endless = new Endless();
        var error = Assert.Throws<ScheduleFormatException>(() => Schedule.FromCsv(endless))!;
        Assert.That(endless.Count, Is.LessThan(1000));
        Assert.That(error.Message, Has.Length.LessThan(400));
    }

    private sealed class Endless : TextReader
    {
        internal int Count { get; private set; }

        public override int Peek() => '0';

        public override int Read()
        {
            Count++;
            return '0';
        }
    }

    [Test]
    public void A_duplicate_of_an_overlapped_F_is_written_as_it_was_read()
    {
        var schedule = Schedule.FromCsv("(0F1;0B0)OVERLAP_F_B,0F1,0W0");
        Assert.That(schedule.ToCsv(), Is.EqualTo("(0F1;0B0)OVERLAP_F_B,0F1,0W0\n"));
        Assert.That(Schedule.FromCsv(schedule.ToCsv()), Is.EqualTo(schedule));
    }

    [TestCase("(0F1;0B0)", 8)]
    [TestCase("(0F1,0B0)OVERLAP_F_B", 0)]
    [TestCase("(0F1)OVERLAP_F_B", 4)]
    [TestCase("(0F1;0B)OVERLAP_F_B", 7)]
    [TestCase("(0B1;0F0)OVERLAP_F_B", 1)]
    public void A_pair_that_is_none_is_refused_with_its_position(string cell, int position) =>
        Assert.That(Assert.Throws<ScheduleFormatException>(() => Schedule.FromCsv(cell))!.Position, Is.EqualTo(position));

    [Test]
    public void A_negative_stage_is_refused() =>
        Assert.That(() => new Schedule("bad", [[new Action(-1, ActionKind.Forward, 0)]]), Throws.TypeOf<ScheduleException>());

    [Test]
    public void A_number_that_leaves_no_room_for_a_count_is_refused() => Assert.That(
        () => new Schedule("bad", [[new Action(0, ActionKind.Forward, int.MaxValue)]]), Throws.TypeOf<ScheduleException>());

    [Test]
    public void The_grid_has_a_row_per_rank_and_a_column_per_step() =>
        Assert.That(Schedules.OneForwardOneBackward(2, 2).ToGrid(), Is.EqualTo(
            """
              step    0    1    2    3
            rank 0  0F0  0F1  0B0  0B1
            rank 1  1F0  1B0  1F1  1B1
            """.ReplaceLineEndings("\n")));
}
