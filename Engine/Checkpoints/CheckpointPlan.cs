using AutogradCore.Optim;

namespace AutogradCore;

/// <summary>Compares a checkpoint with a model and its optimizers, without changing either.</summary>
internal sealed class CheckpointPlan(SafetensorsFile file, int step)
{
    private readonly HashSet<string> _expected = new(StringComparer.Ordinal), _required = new(StringComparer.Ordinal);

    /// <summary>How often the file says that each parameter has been updated.</summary>
    public List<(Optimizer Optimizer, Parameter Parameter, int Count)> Updates { get; } = [];

    /// <summary>The optimizer state that the file holds: where it goes, and its name in the file.</summary>
    public List<(Optimizer Optimizer, Parameter Parameter, string Kind, string Tensor)> States { get; } = [];

    /// <summary>The name of a parameter's state in the file.</summary>
    public static string StateName(string kind, Parameter parameter) => $"optimizer.{kind}.{parameter.Name}";

    /// <summary>Throws unless everything fits: tensors, shapes, element types, optimizer state whole or absent,
    /// nothing left over, digest.</summary>
    public void Check(IReadOnlyList<Parameter> parameters, IReadOnlyList<Optimizer> optimizers)
    {
        _expected.UnionWith(CheckpointRecords.Names(file));
        foreach (Parameter parameter in parameters)
        {
            _ = parameter.Data.View; // throws when the parameter was disposed
            Require(parameter.Name, parameter, "parameter");
        }
        foreach (Optimizer optimizer in optimizers)
            foreach (Parameter parameter in optimizer.Parameters)
                CheckState(optimizer, parameter);
        foreach (string name in file.Names)
            if (!_expected.Contains(name))
                throw Wrong(name, optimizers.Count == 0 || !name.StartsWith("optimizer.", StringComparison.Ordinal)
                    ? $"has a tensor that the model has no place for: {file.Entry(name)}."
                    : $"has optimizer state that no optimizer keeps: {file.Entry(name)}.",
                    "Load it into the model and the optimizer that wrote it; without optimizers, the model alone loads.");
        CheckpointSeal.CheckTensors(file);
    }

    /// <summary>Makes tensors for all <see cref="States"/>, in their order, so that memory runs out before anything
    /// changes.</summary>
    /// <param name="fill">Fills a tensor with one of the file.</param>
    public Tensor[] MakeStates(Action<Tensor, string> fill)
    {
        List<Tensor> made = [];
        try
        {
            foreach ((_, Parameter parameter, _, string name) in States)
            {
                made.Add(new Tensor(parameter.Data.Backend, parameter.Shape, parameter.Data.DType));
                fill(made[^1], name);
            }
            return [.. made];
        }
        catch
        {
            foreach (Tensor tensor in made) tensor.Dispose();
            throw;
        }
    }

    /// <summary>Leaves the optimizer's state and older weight versions out of the comparison: for a model alone.</summary>
    public void IgnoreState() => _expected.UnionWith(file.Names.Where(name =>
        name.StartsWith("optimizer.", StringComparison.Ordinal)
        || name.StartsWith(WeightVersions.OlderPrefix, StringComparison.Ordinal)));

    /// <summary>The parameter's state is whole, or absent because the parameter has not been updated.</summary>
    private void CheckState(Optimizer optimizer, Parameter parameter)
    {
        bool any = optimizer.StateKinds.Any(kind => file.Contains(StateName(kind, parameter)));
        int? count = CheckpointUpdates.Read(file, optimizer, parameter);
        Updates.Add((optimizer, parameter, count ?? step));
        if (!any && count == 0) return;
        foreach (string kind in optimizer.StateKinds)
        {
            string name = StateName(kind, parameter);
            Require(name, parameter, "optimizer state");
            States.Add((optimizer, parameter, kind, name));
        }
    }

    private void Require(string name, Parameter parameter, string what)
    {
        if (!_required.Add(name))
            throw Wrong(name, $"has one tensor '{name}', and more than one {what} is to be read from it.",
                "Give every parameter once, under a name of its own.");
        _expected.Add(name);
        string expected = $"{TensorBytes.DtypeOf(parameter.Data.DType)} {parameter.Shape}";
        if (!file.Contains(name))
            throw Wrong(name, $"lacks the {what} '{name}' ({expected}).",
                "It belongs to another model or optimizer, or was written only in part. Without optimizers, the model alone "
                + "loads.");
        SafetensorsEntry entry = file.Entry(name);
        string found = $"{entry.Dtype} [{string.Join(',', entry.Shape)}]";
        if (found != expected)
            throw Wrong(name, $"{what} '{name}' is {found} in the file and {expected} in the model.",
                "Build the model with the sizes that the checkpoint was written with.");
    }

    private CheckpointException Wrong(string tensor, string problem, string hint)
        => new(file.Path, null, problem, hint: hint) { Tensor = tensor };
}
