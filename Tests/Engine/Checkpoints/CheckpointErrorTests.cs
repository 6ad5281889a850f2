using NUnit.Framework;

namespace AutogradCore.Tests.Engine;

/// <summary>A checkpoint that does not fit is refused with its reason, and changes nothing.</summary>
public sealed class CheckpointErrorTests
{
    private static readonly CheckpointState State = new(2, 7, new Dictionary<string, string>());
    private TemporaryFolder _folder = null!;
    private CheckpointRun _run = null!;

    private string Good => _folder["good"];

    [SetUp]
    public void Write()
    {
        _folder = new TemporaryFolder();
        _run = new CheckpointRun();
        _run.Steps(2);
        _run.Save(Good, State);
        _run.Steps(1);
    }

    [TearDown]
    public void Remove()
    {
        _run.Dispose();
        _folder.Dispose();
    }

    [Test]
    public void A_missing_file() => Refuses(_folder["none"], "cannot be opened");

    [Test]
    public void A_file_cut_off_anywhere()
    {
        byte[] bytes = File.ReadAllBytes(Good);
        for (int length = 0; length < bytes.Length; length += 97) Refuses(_folder.Write("cut", bytes.AsSpan(0, length)));
        Refuses(_folder.Write("cut", bytes.AsSpan(0, bytes.Length - 1)));
    }

    [Test]
    public void A_flipped_bit_in_a_tensor()
    {
        byte[] bytes = File.ReadAllBytes(Good);
        bytes[^3] ^= 1;
        Refuses(_folder.Write("flipped", bytes), "corrupt");
    }

    [Test]
    public void A_safetensors_file_that_is_no_checkpoint()
    {
        var writer = new SafetensorsWriter();
        writer.Save(_folder["other"]);
        Refuses(_folder["other"], "not a checkpoint");
    }

    [TestCase("3")]
    [TestCase("0")]
    public void A_version_that_this_build_does_not_know(string version) =>
        Refuses(Rewritten(w => w.Metadata["version"] = version), $"version {version}", "versions 1 to 2");

    [Test]
    public void A_flipped_bit_anywhere_in_the_metadata()
    {
        byte[] bytes = File.ReadAllBytes(Good);
        int end = 8 + bytes.AsSpan(8).IndexOf("}"u8) + 1; // the metadata stands first, and is an object without objects
        for (int at = 8; at < end; at += 11)
        {
            byte[] flipped = [.. bytes];
            flipped[at] ^= (byte)(1 << (at % 7));
            string path = _folder.Write("flipped", flipped);
            Refuses(path);
            Assert.That(() => Checkpoint.ReadState(path), Throws.TypeOf<CheckpointException>(), $"byte {at}");
        }
    }

    [Test]
    public void A_tensor_with_a_changed_byte_is_named()
    {
        byte[] bytes = File.ReadAllBytes(Good);
        using (SafetensorsFile file = SafetensorsFile.Open(Good))
            bytes[file.Entry("layers.1.weight").Offset] ^= 1;
        RefusesTensor(_folder.Write("flipped", bytes), "layers.1.weight", "corrupt");
    }

    [Test]
    public void Two_tensors_of_one_shape_that_changed_places()
    {
        const string first = "optimizer.moment1.layers.0.weight", second = "optimizer.moment2.layers.0.weight";
        string path = Rewritten(_ => { }, name => name == first ? second : name == second ? first : name);
        Refuses(path, "corrupt");
    }

    [Test]
    public void Two_parameters_of_one_name()
    {
        CheckpointException error = Assert.Throws<CheckpointException>(
            () => Checkpoint.Load(Good, [.. _run.Parameters, _run.Parameters[0]], _run.Optimizers))!;
        Assert.That(error.Tensor, Is.EqualTo(_run.Parameters[0].Name));
    }

    [Test]
    public void A_parameter_that_was_disposed_leaves_the_others_as_they_are()
    {
        using ReferenceBackend backend = new();
        Parameter last = Parameter.From<float>(backend, [1, 2], [2], "layers.1.bias");
        last.Data.Dispose();
        string before = ParameterHash.Of(_run.Parameters);
        Assert.That(() => Checkpoint.Load(Good, [.. _run.Parameters.SkipLast(1), last], []),
            Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(ParameterHash.Of(_run.Parameters), Is.EqualTo(before));
        last.Dispose();
    }

    [Test]
    public void A_message_does_not_quote_megabytes()
    {
        string text = new('9', 2 << 20);
        CheckpointException error = Refuses(Rewritten(w => w.Metadata["step"] = text), "step");
        Assert.That(error.Message, Has.Length.LessThan(5000));
    }

    [TestCase("step")]
    [TestCase("seed")]
    public void A_number_that_is_missing_or_none(string key)
    {
        Refuses(Rewritten(w => w.Metadata.Remove(key)), key);
        Refuses(Rewritten(w => w.Metadata[key] = "-1"), key);
    }

    [Test]
    public void A_parameter_that_is_missing()
        => RefusesTensor(Rewritten(_ => { }, Without("layers.0.weight")), "layers.0.weight", "lacks");

    [Test]
    public void A_part_of_the_optimizer_state() =>
        RefusesTensor(
            Rewritten(_ => { }, Without("optimizer.moment2.layers.1.bias")), "optimizer.moment2.layers.1.bias", "lacks");

    [Test]
    public void A_tensor_that_the_model_has_not() =>
        RefusesTensor(Rewritten(w => w.Add("extra", "F32", [1], new byte[4])), "extra", "no place");

    [Test]
    public void A_model_of_other_sizes()
    {
        using var other = new CheckpointRun(hidden: 5);
        string before = ParameterHash.Of(other.Parameters);
        CheckpointException error =
            Assert.Throws<CheckpointException>(() => Checkpoint.Load(Good, other.Parameters, other.Optimizers))!;
        Assert.That(error.Tensor, Is.EqualTo("layers.0.weight"));
        Assert.That(error.Message, Does.Contain("F32 [3,2]").And.Contain("F32 [5,2]"));
        Assert.That(ParameterHash.Of(other.Parameters), Is.EqualTo(before));
    }

    [Test]
    public void Another_element_type()
    {
        using var other = new CheckpointRun(dtype: DType.Float64);
        CheckpointException error =
            Assert.Throws<CheckpointException>(() => Checkpoint.Load(Good, other.Parameters, other.Optimizers))!;
        Assert.That(error.Message, Does.Contain("F32 [3,2]").And.Contain("F64 [3,2]"));
    }

    private void RefusesTensor(string path, string tensor, string says)
        => Assert.That(Refuses(path, says).Tensor, Is.EqualTo(tensor));

    private CheckpointException Refuses(string path, params string[] says)
    {
        string before = ParameterHash.Of(_run.Parameters);
        float[] moment = _run.Optimizers[0].State.First().Value.ToArray<float>();
        CheckpointException error =
            Assert.Throws<CheckpointException>(() => Checkpoint.Load(path, _run.Parameters, _run.Optimizers))!;
        foreach (string part in says) Assert.That(error.Message, Does.Contain(part));
        Assert.That(error.Message, Does.Contain(path));
        Assert.That(error.Hint, Is.Not.Null);
        Assert.That(ParameterHash.Of(_run.Parameters), Is.EqualTo(before));
        Assert.That(_run.Optimizers[0].State.First().Value.ToArray<float>(), Is.EqualTo(moment));
        Assert.That(_run.Optimizers[0].StepCount, Is.EqualTo(3));
        return error;
    }

    private static Func<string, string?> Without(string tensor) => name => name == tensor ? null : name;

    /// <summary>The good file with other metadata under a digest that fits, and with tensors renamed or left out.</summary>
    private string Rewritten(Action<SafetensorsWriter> change, Func<string, string?>? rename = null)
    {
        using SafetensorsFile file = SafetensorsFile.Open(Good);
        var writer = new SafetensorsWriter();
        foreach ((string key, string value) in file.Metadata) writer.Metadata[key] = value;
        foreach (string name in file.Names)
            if ((rename is null ? name : rename(name)) is { } other)
                writer.Add(other, file.Entry(name).Dtype, [.. file.Entry(name).Shape], file.Bytes(name).ToArray());
        change(writer);
        CheckpointSeal.Close(writer);
        writer.Save(_folder["rewritten"]);
        return _folder["rewritten"];
    }
}
