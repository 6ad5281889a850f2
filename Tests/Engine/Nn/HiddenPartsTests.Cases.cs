using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

public sealed partial class HiddenPartsTests
{
    private interface IBlock;

    private sealed class Block : Module, IBlock
    {
        public Parameter Scale { get; } = new([3]);

        public override Value Forward(Value x) => x;
    }

    /// <summary>A module with whatever is under test in its one field.</summary>
    private sealed class Holder(object? hidden) : Module
    {
        public object? Hidden { get; set; } = hidden;

        public override Value Forward(Value x) => x;
    }

    private sealed class Typed<T>(T hidden) : Module
    {
        public T Hidden { get; } = hidden;

        public override Value Forward(Value x) => x;
    }

    private sealed class Plain(Parameter weight)
    {
        public Parameter Weight { get; } = weight;

        public Plain? Next { get; init; }
    }

    private readonly record struct Pair(int Number, Parameter Weight);

    private sealed class Chain
    {
        public object? Next { get; set; }
    }

    private struct Tree
    {
        public Tree[]? Children;
        public Parameter? Weight;
    }

    private static Func<Value, Value> Captured()
    {
        Parameter captured = new([1]);
        return x => x * x.Graph.Parameter(captured);
    }

    private static Chain LongChain(object end)
    {
        Chain chain = new() { Next = end };
        for (int i = 0; i < 1000; i++) chain = new Chain { Next = chain };
        return chain;
    }

    private static IEnumerable<TestCaseData> Hiding
    {
        get
        {
            static TestCaseData Case(string name, Module module, string says) =>
                new TestCaseData(module, says).SetArgDisplayNames(name);
            yield return Case("dictionary",
                new Typed<Dictionary<string, Parameter>>(new() { ["a"] = new([1]) }), "hidden[a] is a Parameter");
            yield return Case("dictionary of arrays",
                new Holder(new Dictionary<string, Parameter[]> { ["a"] = [new([1])] }), "hidden[a][0]");
            yield return Case("empty dictionary",
                new Typed<Dictionary<string, Parameter[]>>([]), "hidden of type Dictionary`2 may hide");
            yield return Case("keys", new Holder(new Dictionary<Block, int> { [new Block()] = 1 }), "hidden.Keys[");
            yield return Case("tuple", new Typed<(Block, int)>((new(), 1)), "hidden.Item1 is a Block");
            yield return Case("tuple of interfaces", new Typed<(string, IBlock)>(("a", new Block())), "hidden.Item2");
            yield return Case("list of dictionaries",
                new Holder(new List<Dictionary<string, Block>> { new() { ["a"] = new() } }), "hidden.0[a]");
            yield return Case("plain object", new Holder(new Plain(new([1]))), "hidden.Weight is a Parameter");
            yield return Case("array of plain objects", new Holder(new object[] { 1, new Plain(new([1])) }), "hidden.1.Weight");
            yield return Case("record struct", new Typed<Pair>(new(1, new([1]))), "hidden.Weight");
            yield return Case("list of record structs", new Holder(new List<Pair> { new(1, new([1])) }), "hidden.0.Weight");
            yield return Case("struct of itself",
                new Typed<Tree>(new() { Children = [new() { Weight = new([1]) }] }), "hidden.Children[0].Weight");
            yield return Case("lazy, made", new Holder(Made(new Lazy<Parameter>(() => new([1])))), "hidden._value");
            yield return Case("lazy, not made",
                new Holder(new Lazy<Parameter>(() => new([1]))), "hidden of type Lazy`1 may hide");
            yield return Case("closure", new Holder(Captured()), "hidden.Target.captured");
            yield return Case("combined delegates", new Holder(Captured() + Captured()), "hidden.Target.captured");
            yield return Case("set", new Holder(new HashSet<Parameter> { new([1]) }), "Value is a Parameter");
            yield return Case("queue", new Holder(new Queue<Module>([new Block()])), "hidden._array[0] is a Block");
            yield return Case("two-dimensional array in a plain object",
                new Holder(new Chain { Next = new Parameter[,] { { new([1]) } } }), "Next[0]");
            yield return Case("far away", new Holder(LongChain(new Block())), "Next is a Block");
        }
    }

    private static Lazy<Parameter> Made(Lazy<Parameter> lazy)
    {
        _ = lazy.Value;
        return lazy;
    }

    private static IEnumerable<object> Harmless =>
    [
        new Plain(null!), LongChain("end"), new Dictionary<string, int> { ["a"] = 1 }, (1, "b"), new[] { 1.5 }, typeof(Block),
        new object(), new Random(1), default(System.Collections.Immutable.ImmutableArray<Module>), new Lazy<int>(() => 1),
        new AttentionOptions(true),
    ];
}
