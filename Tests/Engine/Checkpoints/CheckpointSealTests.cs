using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

/// <summary>Digests hold what was written, not how it was laid out.</summary>
public sealed class CheckpointSealTests
{
    private static readonly CheckpointState State = new(3, 7, new Dictionary<string, string> { ["seq"] = "4" })
    {
        Records = new Dictionary<string, IReadOnlyList<double>> { ["loss"] = [3, 2, 1] },
    };

    private TemporaryFolder _folder = null!;
    private CheckpointRun _written = null!, _read = null!;

    [SetUp]
    public void Write()
    {
        _folder = new TemporaryFolder();
        (_written, _read) = (new CheckpointRun(), new CheckpointRun(seed: 99));
        _written.Steps(3);
        _written.Save(_folder["a"], State);
    }

    [TearDown]
    public void Remove()
    {
        _written.Dispose();
        _read.Dispose();
        _folder.Dispose();
    }

    [Test]
    public void Tensors_may_stand_in_any_order([Values("name", "reverse", "size")] string order)
    {
        using (SafetensorsFile file = SafetensorsFile.Open(_folder["a"]))
        {
            SafetensorsWriter writer = new();
            foreach ((string key, string value) in file.Metadata) writer.Metadata[key] = value;
            IEnumerable<string> names = order switch
            {
                "name" => file.Names.Order(StringComparer.Ordinal),
                "reverse" => file.Names.Reverse(),
                _ => file.Names.OrderBy(n => file.Entry(n).ByteLength).ThenBy(n => n, StringComparer.Ordinal),
            };
            Assert.That(names, Is.Not.EqualTo(file.Names));
            foreach (string name in names)
                writer.Add(name, file.Entry(name).Dtype, [.. file.Entry(name).Shape], file.Bytes(name).ToArray());
            writer.Save(_folder["b"]);
        }
        Assert.That(Checkpoint.Load(_folder["b"], _read.Parameters, _read.Optimizers).Records["loss"], Is.EqualTo([3, 2, 1]));
        RequireRead();
    }

    [Test]
    public void A_checkpoint_of_version_1_is_read()
    {
        Checkpoint.Load(OfVersion1(_ => { }), _read.Parameters, _read.Optimizers);
        RequireRead();
    }

    [Test]
    public void A_checkpoint_of_version_1_with_a_changed_tensor_is_refused() => Assert.That(
        () => Checkpoint.Load(OfVersion1(bytes => bytes[^1] ^= 1), _read.Parameters, _read.Optimizers),
        Throws.TypeOf<CheckpointException>().With.Message.Contains("corrupt"));

    [Test]
    public void No_two_maps_of_metadata_have_one_digest()
    {
        string Seal(params (string Key, string Value)[] metadata)
        {
            SafetensorsWriter writer = new();
            foreach ((string key, string value) in metadata) writer.Metadata[key] = value;
            CheckpointSeal.Close(writer);
            return writer.Metadata[CheckpointSeal.Key];
        }
        string[] seals =
        [
            Seal(), Seal(("a", "b")), Seal(("a", "b"), ("c", "d")), Seal(("ab", "")), Seal(("", "ab")), Seal(("a", "b 1 c 1 d")),
            Seal(("a", "b\n1 c 1 d")), Seal(("a 1 b", "")),
        ];
        Assert.That(seals, Is.Unique);
    }

    private void RequireRead()
    {
        Assert.That(ParameterHash.Of(_read.Parameters), Is.EqualTo(ParameterHash.Of(_written.Parameters)));
        foreach ((string name, Tensor tensor) in _written.Optimizers[0].State)
            Assert.That(_read.Optimizers[0].State[name].ToArray<float>(), Is.EqualTo(tensor.ToArray<float>()), name);
        Assert.That(_read.Optimizers[0].StepCount, Is.EqualTo(3));
    }

    /// <summary>The file as version 1 wrote it: one digest over the tensors in order, and none over the metadata.</summary>
    private string OfVersion1(Action<byte[]> damage)
    {
        using (SafetensorsFile file = SafetensorsFile.Open(_folder["a"]))
        {
            SafetensorsWriter writer = new();
            using TensorDigest digest = new();
            foreach ((string key, string value) in file.Metadata)
                if (!key.StartsWith("digest", StringComparison.Ordinal) && !key.StartsWith("record", StringComparison.Ordinal))
                    writer.Metadata[key] = value;
            foreach (string name in file.Names.Where(n => !n.StartsWith("record", StringComparison.Ordinal)))
            {
                writer.Add(name, file.Entry(name).Dtype, [.. file.Entry(name).Shape], file.Bytes(name).ToArray());
                digest.Add(file, file.Entry(name));
            }
            (writer.Metadata["version"], writer.Metadata["digest"]) = ("1", digest.ToHex());
            writer.Save(_folder["old"]);
        }
        byte[] bytes = File.ReadAllBytes(_folder["old"]);
        damage(bytes);
        return _folder.Write("old", bytes);
    }
}
