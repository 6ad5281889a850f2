using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

public sealed class CostsJsonTests
{
    [Test]
    public void Costs_come_back_from_their_text([Values] bool indented)
    {
        var costs = new StageCosts([0.1, 1 / 3.0], [Math.E, 2], [0, 4], [new(0.5)], TimeUnit.Seconds) with
        {
            BackLinks = [new(1e-5, 4096, 5e9)],
            Memory = [new(1L << 40, 2, 3, 4), new(5, 6)],
            AllReduce = [0, 7],
        };
        var read = CostsJson.Read(CostsJson.Write(costs, indented));
        Assert.That(CostsJson.Write(read), Is.EqualTo(CostsJson.Write(costs)));
        Assert.That((read.Unit, read.Forward[1], read.Links[0], read.BackLinks[0], read.Memory[0], read.AllReduce[1]),
            Is.EqualTo((costs.Unit, costs.Forward[1], costs.Links[0], costs.BackLinks[0], costs.Memory[0], 7.0)));
    }

    [Test]
    public void What_is_left_out_is_neutral()
    {
        var costs = CostsJson.Read("""{"forward":[1,2],"inputs":[3,4],"weights":[5,6],"links":null,"memory":null}""");
        Assert.That((costs.Unit, costs.Links[0], costs.Memory[1]),
            Is.EqualTo((TimeUnit.Units, default(Link), StageMemory.Microbatch)));
    }

    [TestCase(""" "links":[{"latency":1,"bandwith":2}] """, "links[0] has the unknown key 'bandwith'",
        "did you mean 'bandwidth'?")]
    [TestCase(""" "backlinks":[1] """, "unknown key 'backlinks'", "did you mean 'backLinks'?")]
    [TestCase(""" "memory":[{"afterForward":1,"afterInput":1},{}] """, "memory[0] has the unknown key 'afterInput'",
        "did you mean 'afterInputs'?")]
    [TestCase(""" "zebra":1 """, "unknown key 'zebra'", "the keys are unit, forward")]
    [TestCase(""" "unit":"units","unit":"seconds" """, "the key 'unit' twice", "leave one")]
    [TestCase(""" "unit":1 """, "The unit is 1", "\"units\" or \"seconds\"")]
    [TestCase(""" "unit":"years" """, "The unit is \"years\"", "\"units\" or \"seconds\"")]
    [TestCase(""" "links":[{"latency":-1}] """, "latency of link 0 is -1", "0, or from")]
    [TestCase(""" "links":[{"latency":1,"bandwidth":-2}] """, "bandwidth of link 0 is -2", "0, or from")]
    [TestCase(""" "links":[{"bytes":-3,"bandwidth":2}] """, "bytes of link 0 are -3", "from 0")]
    [TestCase(""" "links":[1e999] """, "links[0] is 1e999", "finite")]
    [TestCase(""" "links":["1"] """, "links[0] is \"1\"", "object")]
    [TestCase(""" "links":[1,2] """, "2 links", "one link less")]
    [TestCase(""" "allReduce":["NaN",1] """, "'allReduce' has \"NaN\" at 0", "finite numbers")]
    [TestCase(""" "allReduce":[1e308,1] """, "all-reduce of stage 0 takes 1E+308", "0, or from")]
    [TestCase(""" "memory":[{"afterForward":-1,"afterInputs":1},{}] """, "'afterForward' is -1", "from 0")]
    [TestCase(""" "memory":[{"afterForward":1.5,"afterInputs":1},{}] """, "'afterForward' is 1.5", "whole number")]
    [TestCase(""" "memory":7 """, "'memory' is 7", "a list")]
    [TestCase(""" "\ud800":7 """, "an escape that is no character", "form")]
    public void A_key_or_number_that_is_wrong_is_named(string also, string says, string hint)
    {
        var json = $$"""{"forward":[1,1],"inputs":[1,1],"weights":[1,1],{{also}}}""";
        var error = Assert.Catch<AutogradException>(() => CostsJson.Read(json))!;
        Assert.That(error.Message, Does.Contain(says));
        Assert.That(error.Hint, Does.Contain(hint));
    }

    [TestCase("hello", "no JSON from line 1, byte 1")]
    [TestCase("[]", "the object is a list")]
    [TestCase("{}", "has no 'forward'")]
    [TestCase("""{"forward":[],"inputs":[],"weights":[]}""", "costs of no stage")]
    [TestCase("""{"forward":1,"inputs":[1],"weights":[1]}""", "'forward' is 1")]
    [TestCase("""{"forward":[1],"inputs":[1]}""", "has no 'weights'")]
    public void Other_text_is_refused(string json, string says) =>
        Assert.That(() => CostsJson.Read(json), Throws.TypeOf<ScheduleFormatException>().With.Message.Contains(says));
}
