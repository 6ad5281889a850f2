using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Backends;

public sealed class GatherTests(BackendCase on) : BackendTests(on)
{
    private static readonly (int Rows, int Columns, int Ids)[] Sizes =
        [(1, 1, 1), (5, 33, 31), (100, 32, 7), (3, 0, 4), (4, 3, 0), (0, 3, 0), (2, 5, 100)];

    [Test]
    public void Gather_copies_the_rows_named_by_ids()
    {
        foreach ((int rows, int columns, int count) in Sizes)
        {
            double[] table = Values(rows * columns);
            int[] ids = Integers(count, Math.Max(rows, 1));
            View vTable = Place([rows, columns], table), vIds = PlaceIntegers([count], ids);
            IEnumerable<double> rowsOfIds = ids.SelectMany(id => table.Skip(id * columns).Take(columns));
            Check([count, columns], [.. rowsOfIds.Select(v => new Expected(v))], y => B.Gather(vTable, vIds, y));
        }
    }

    [Test]
    public void ScatterAdd_adds_repeated_rows_in_order_of_position_and_rounds_once()
    {
        foreach ((int rows, int columns, int count) in Sizes)
        {
            double[] dy = Values(count * columns);
            int[] ids = Integers(count, Math.Max(rows, 1));
            View grad = Place([count, columns], dy), vIds = PlaceIntegers([count], ids);
            Total[] totals = new Total[rows * columns];
            double[] inOrder = new double[rows * columns];
            for (int i = 0; i < dy.Length; i++)
            {
                int at = ids[i / columns] * columns + i % columns;
                totals[at].Add(dy[i]);
                inOrder[at] += dy[i];
            }
            // Adding onto old values rounds once per repetition, in doubles.
            Expected[] expected = [.. totals.Select(t => t.Expected with { Slack = t.Expected.Slack + 8 * count })];
            Check([rows, columns], expected, d => B.ScatterAdd(grad, vIds, d));
            View exact = Blank([rows, columns]);
            B.ScatterAdd(grad, vIds, Into(exact));
            Assert.That(Read(exact), Is.EqualTo(inOrder.Select(Round)), "bits of adding one by one in double");
        }
    }

    [TestCase(4)]
    [TestCase(-1)]
    [TestCase(int.MaxValue)]
    public void An_id_out_of_range_is_named_and_nothing_is_written(int bad)
    {
        View table = Place([4, 2], Values(8)), rows = Place([3, 2], Values(6)), ids = PlaceIntegers([3], [0, bad, 3]),
            y = Blank([3, 2]), grad = Blank([4, 2]);
        foreach (Action verb in new Action[] { () => B.Gather(table, ids, Into(y)), () => B.ScatterAdd(rows, ids, Into(grad)) })
        {
            IndexRangeException? error = Assert.Throws<IndexRangeException>(() =>
            {
                verb();
                B.Synchronize();
            });
            Assert.That(error!.Message, Does.Contain("[1]").And.Contain($"{bad}").And.Contain("< 4"));
        }
        Assert.That(Read(y).Concat(Read(grad)), Is.All.NaN);
    }
}
