using AutogradCore.Optim;

namespace AutogradCore;

/// <summary>A training run on disk: parameters, optimizer state, step and seed, in one safetensors file.
/// Resuming gives the same bits as not stopping.</summary>
/// <remarks>
/// Parameters stand under their names, optimizer state under <c>optimizer.&lt;kind&gt;.&lt;parameter&gt;</c>. The metadata says
/// of each parameter which optimizer has updated it and how often. The file is replaced whole or not at all, and a file that
/// does not fit changes nothing when it is loaded. Digests cover every tensor and all metadata, whatever the order of the
/// tensors. Files of version 1, whose metadata had no digest, are read too.
/// </remarks>
public static class Checkpoint
{
    /// <summary>Writes a checkpoint.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="parameters">All parameters of the model, in its order.</param>
    /// <param name="optimizers">The optimizers, such as one per pipeline stage;
    /// each stands at <see cref="CheckpointState.Step"/>.</param>
    /// <param name="state">Step, seed and configuration.</param>
    /// <param name="cancellation">Gives up, leaving the previous file.</param>
    /// <exception cref="CheckpointException">The file cannot be written, or could not be read again; the previous one is
    /// unchanged.</exception>
    /// <exception cref="ModelException">An optimizer stands at another step, or the step is negative.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static void Save(
        string path, IReadOnlyList<Parameter> parameters, IReadOnlyList<Optimizer> optimizers, CheckpointState state,
        CancellationToken cancellation = default)
    {
        if (state.Step < 0) throw new ModelException($"A checkpoint of step {state.Step} was asked for.", "use 0 or more");
        foreach (Optimizer optimizer in optimizers)
            if (optimizer.StepCount != state.Step)
                throw new ModelException(
                    $"A checkpoint of step {state.Step} was asked for, but an optimizer has taken {optimizer.StepCount} steps.",
                    "save between steps, when all stages have taken the same number");
        List<(string Name, Tensor Tensor)> tensors = [.. parameters.Select(p => (p.Name, p.Data))];
        SafetensorsWriter writer = new();
        foreach (Optimizer optimizer in optimizers)
            foreach (Parameter parameter in optimizer.Parameters)
            {
                foreach (string kind in optimizer.StateKinds)
                    if (optimizer.State.TryGetValue($"{kind}.{parameter.Name}", out Tensor? tensor))
                        tensors.Add((CheckpointPlan.StateName(kind, parameter), tensor));
                CheckpointUpdates.Write(writer, optimizer, parameter);
            }
        foreach ((string name, Tensor tensor) in tensors)
        {
            cancellation.ThrowIfCancellationRequested();
            CheckpointSeal.Add(writer, name, TensorDigest.Of(name, tensor));
            writer.Add(name, TensorBytes.DtypeOf(tensor.DType), [.. tensor.Shape.ToArray().Select(n => (long)n)],
                stream => TensorBytes.Read(tensor, stream.Write));
        }
        CheckpointMetadata.Write(writer, state);
        CheckpointSeal.Close(writer);
        writer.Save(path, cancellation);
    }

    /// <summary>Restores parameters, optimizer state and step counts.
    /// Everything is checked first: either all of it changes or nothing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parameters">All parameters of the model.</param>
    /// <param name="optimizers">The optimizers to restore, split over the parameters in any way, of the types that wrote the
    /// file; their settings, such as rates, may be others. None to load a model alone.</param>
    /// <returns>Step, seed, configuration and records.</returns>
    /// <exception cref="CheckpointException">The file cannot be read, is damaged, is of a later version,
    /// or does not fit the model or the optimizers: it lacks state that they need, or has state of others.</exception>
    /// <exception cref="AllocationException">There is no memory for the optimizer state; nothing has changed.</exception>
    public static CheckpointState Load(string path, IReadOnlyList<Parameter> parameters, IReadOnlyList<Optimizer> optimizers)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        CheckpointState state = CheckpointMetadata.Read(file);
        CheckpointPlan plan = new(file, state.Step);
        if (optimizers.Count == 0) plan.IgnoreState();
        plan.Check(parameters, optimizers);
        Tensor[] restored = plan.MakeStates(Fill);
        foreach (Parameter parameter in parameters) Fill(parameter.Data, parameter.Name);
        foreach (Optimizer optimizer in optimizers)
        {
            optimizer.ForgetState();
            optimizer.StepCount = state.Step;
        }
        foreach (((Optimizer optimizer, Parameter parameter, string kind, _), Tensor tensor) in plan.States.Zip(restored))
            optimizer.AdoptState(kind, parameter, tensor);
        foreach ((Optimizer optimizer, Parameter parameter, int count) in plan.Updates)
            optimizer.SetUpdateCount(parameter, count);
        return state;

        void Fill(Tensor tensor, string name) =>
            TensorBytes.Write(tensor, (offset, length) => file.Bytes(name, offset, length));
    }

    /// <summary>Reads step, seed, configuration and records alone, and checks them: enough to build the model before loading
    /// it.</summary>
    /// <exception cref="CheckpointException">The file cannot be read, is not a checkpoint of a known version, or its metadata is
    /// damaged.</exception>
    public static CheckpointState ReadState(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return CheckpointMetadata.Read(file);
    }
}
