using AutogradCore.Nn;
using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

public sealed class ModuleTests
{
    private abstract class Part : Module
    {
        public override Value Forward(Value x) => x;
    }

    private class Base : Part
    {
        private readonly Parameter _first = new([1]);

        public Parameter First => _first;
    }

    private interface IBlock;

    private sealed class Block : Part, IBlock
    {
        public Parameter Scale { get; } = new([3]);
    }

    private sealed class Everything : Base
    {
        private readonly Parameter _own = new([2]);
        private readonly Parameter[] _array = [new([1]), new([2])];
        private readonly List<Module> _list = [new Block(), new Block()];
        private readonly Block[][] _nested = [[new()], [new(), new()]];
        private readonly IReadOnlyList<IBlock> _interfaces = [new Block()];
        private readonly object _boxed = new Block();
        private readonly Block? _absent;
        private readonly string _text = "text";
        private readonly int[] _numbers = [1, 2];

        public Block Shared { get; } = new();

        public Block Again => Shared;

        private Block SharedToo { get; }

        public Everything() => (SharedToo, _absent) = (Shared, null);

        public object?[] Unread => [_own, _array, _list, _nested, _interfaces, _boxed, _absent, _text, _numbers, SharedToo];
    }

    [Test]
    public void No_parameter_is_forgotten_and_shared_ones_come_once()
    {
        using Everything model = new();
        model.AssignNames();
        Assert.That(model.Parameters().Select(p => p.Name), Is.EqualTo(new[]
        {
            "first", "own", "array.0", "array.1", "list.0.scale", "list.1.scale",
            "nested.0.0.scale", "nested.1.0.scale", "nested.1.1.scale",
            "interfaces.0.scale", "boxed.scale", "shared.scale",
        }));
        Assert.That(model.ParameterCount, Is.EqualTo(1 + 2 + 3 + 8 * 3));
        Assert.That(model.Unread, Has.Length.EqualTo(10));
    }

    [Test]
    public void Names_are_paths_of_field_names()
    {
        using Gpt model = new(new GptConfig(Vocabulary: 7, Context: 4, Layers: 1, Heads: 1, Features: 2));
        model.AssignNames();
        Assert.That(model.Parameters().Select(p => p.Name), Does.Contain("layers.0.token.weight").And.Contain("layers.0.position")
            .And.Contain("layers.1.attention.query.weight")
            .And.Contain("layers.1.mlp.up.bias").And.Contain("layers.2.project.weight"));
        Assert.That(model.Parameters().Select(p => p.Name), Is.Unique);
        Assert.That(model.Layers[1].Path, Is.EqualTo("layers.1"));
    }

    [Test]
    public void Training_is_switched_for_the_whole_model()
    {
        using Everything model = new();
        model.Train(false);
        Assert.That(model.Modules().Select(m => m.IsTraining), Is.All.False);
        model.Train();
        Assert.That(model.Modules().Select(m => m.IsTraining), Is.All.True);
    }

    private sealed class Growing : Part
    {
        public Parameter Weight { get; set; } = new([1]);

        public List<Module> Layers { get; } = [];
    }

    [Test]
    public void Fields_replaced_and_list_elements_added_after_a_question_are_not_forgotten()
    {
        using Growing model = new();
        Parameter before = model.Weight;
        Assert.That(model.Parameters(), Is.EqualTo(new[] { before }));
        Block block = new();
        model.Weight = new([2]);
        model.Layers.Add(block);
        Assert.That(model.Parameters(), Is.EqualTo(new[] { model.Weight, block.Scale }));
        Assert.That(model.Modules(), Is.EqualTo(new Module[] { model, block }));
        using ReferenceBackend backend = new();
        model.Initialize(backend, seed: 1);
        Assert.That(model.Parameters().Select(p => p.Name), Is.EqualTo(new[] { "weight", "layers.0.scale" }));
        Assert.That(before.IsInitialized, Is.False);
        model.Dispose();
    }
}
