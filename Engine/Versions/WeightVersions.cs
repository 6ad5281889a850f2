using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>
/// Versions of the same parameters, numbered by their updates, so that graphs in flight finish on the version they started with
/// while the next is made. Memory goes round: a version that nobody needs any more lends its own to the next.
/// </summary>
/// <remarks>
/// A parameter's <see cref="Parameter.Data"/> is the tensor of the version shown. A graph reads what was shown when it ran
/// forward, until its backward pass is done; <see cref="Retain"/> and <see cref="Release"/> say for how long. A parameter that
/// an update leaves out is shared between versions, not copied. One thread at a time.
/// </remarks>
public sealed class WeightVersions : IDisposable
{
    /// <summary>What stands before the name of a parameter's older version in a checkpoint.</summary>
    public const string OlderPrefix = "older.";

    private readonly List<Version> _alive = [];
    private readonly Stack<Version> _forgotten = [];
    private readonly List<(Parameter Replica, Parameter Owner)> _followers = [];
    private readonly Stack<Tensor>[] _spares;
    private readonly int _updated;

    /// <summary>One version, with number 0: the parameters as they are.</summary>
    /// <param name="parameters">Those that an optimizer updates.</param>
    /// <param name="filled">More of them, whose next versions are written by other means: while they are trainable, each version
    /// has its own values for them.</param>
    /// <exception cref="ModelException">A parameter has no values yet.</exception>
    public WeightVersions(IReadOnlyList<Parameter> parameters, IEnumerable<Parameter>? filled = null)
    {
        (Parameters, _updated) = ([.. parameters, .. filled ?? []], parameters.Count);
        _spares = [.. Parameters.Select(_ => new Stack<Tensor>())];
        Version first = new(Parameters.Count);
        for (int i = 0; i < Parameters.Count; i++) first.Data[i] = Parameters[i].Data;
        _alive.Add(first);
    }

    /// <summary>The parameters: those that are updated, then those that are filled.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>How many versions there are.</summary>
    public int Count => _alive.Count;

    /// <summary>The number of the newest version; setting it renumbers all.</summary>
    public int Newest
    {
        get => _alive[^1].Number;
        set
        {
            int shift = value - Newest;
            foreach (Version version in _alive) version.Number += shift;
        }
    }

    /// <summary>The number of the oldest version.</summary>
    public int Oldest => _alive[0].Number;

    /// <summary>The tensors of a version, in the order of the parameters.</summary>
    /// <exception cref="ModelException">There is no such version.</exception>
    public IReadOnlyList<Tensor> this[int version] => Find(version).Data;

    /// <summary>Lets the values of a <see cref="Parameter.Replica"/> on the same backend be those that its owner, one of the
    /// parameters, shows.</summary>
    public void Follow(Parameter replica, Parameter owner)
    {
        _followers.Add((replica, owner));
        replica.Show(owner.Data);
    }

    /// <summary>Lets the parameters' values be those of a version.</summary>
    /// <exception cref="ModelException">There is no such version.</exception>
    public void Show(int version) => Show(Find(version));

    /// <summary>Notes one more reader of a version, which must not be overwritten until <see cref="Release"/>.</summary>
    /// <exception cref="ModelException">There is no such version.</exception>
    public void Retain(int version) => Find(version).Readers++;

    /// <summary>Notes that a reader is done.</summary>
    /// <exception cref="ModelException">There is no such version.</exception>
    public void Release(int version) => Find(version).Readers--;

    /// <summary>Forgets all readers: their work was given up.</summary>
    public void ReleaseAll()
    {
        foreach (Version version in _alive) version.Readers = 0;
    }

    /// <summary>
    /// Makes the next version with the values of the newest, for an optimizer to step in place, and shows it. Parameters that
    /// await no update stay shared. Versions before <paramref name="firstNeeded"/> without readers end; if the newest is one of
    /// them, its own memory becomes the next version.
    /// </summary>
    public void Advance(int firstNeeded)
    {
        Forget(firstNeeded);
        Version newest = _alive[^1];
        if (newest.Number < firstNeeded && newest.Readers == 0)
        {
            newest.Number++;
            Show(newest);
            return;
        }
        for (int i = 0; i < _spares.Length; i++)
            if (Changes(i) && _spares[i].Count == 0) _spares[i].Push(Like(newest.Data[i]));
        Version next = Take(newest.Number + 1);
        for (int i = 0; i < _spares.Length; i++)
            next.Data[i] = Changes(i) ? Copy(newest.Data[i], _spares[i].Pop()) : newest.Data[i];
        _alive.Add(next);
        Show(next);
    }

    /// <summary>Ends the versions before <paramref name="firstNeeded"/> that have no readers, except the newest. Their memory
    /// waits for the next ones.</summary>
    public void Forget(int firstNeeded)
    {
        for (int v = _alive.Count - 2; v >= 0; v--)
        {
            Version version = _alive[v];
            if (version.Number >= firstNeeded || version.Readers > 0) continue;
            _alive.RemoveAt(v);
            for (int i = 0; i < _spares.Length; i++)
                if (!IsShared(version.Data[i], i)) _spares[i].Push(version.Data[i]);
            Array.Clear(version.Data);
            _forgotten.Push(version);
        }
    }

    /// <summary>Takes memory for <paramref name="versions"/> versions of all parameters that await an update or are filled, so
    /// that making them cannot fail later.</summary>
    public void Reserve(int versions)
    {
        for (int i = 0; i < _spares.Length; i++)
            while (Changes(i) && MemoriesOf(i) < versions) _spares[i].Push(Like(_alive[^1].Data[i]));
    }

    /// <summary>The version before the newest as parameters of their own, for a checkpoint to write or fill along with the
    /// newest; where there is none, one is made with the same values. Filled parameters are left out.</summary>
    /// <param name="prefix">Stands before the parameters' names.</param>
    /// <returns>Views of this moment; the memory stays with the versions.</returns>
    public IReadOnlyList<Parameter> Older(string prefix)
    {
        if (_alive.Count == 1) MakeOlder();
        Parameter[] older = new Parameter[_updated];
        for (int i = 0; i < older.Length; i++)
        {
            older[i] = new Parameter(Parameters[i].Shape) { Name = prefix + Parameters[i].Name };
            older[i].Show(_alive[^2].Data[i]);
        }
        return older;
    }

    /// <summary>Shows the newest version, which stays the parameters' own, and frees the others.</summary>
    public void Dispose()
    {
        if (_alive.Count == 0) return;
        ReleaseAll();
        Forget(int.MaxValue);
        for (int i = 0; i < _spares.Length; i++)
        {
            if (Parameters[i].IsInitialized) Parameters[i].Show(_alive[0].Data[i]);
            while (_spares[i].TryPop(out Tensor? spare)) spare.Dispose();
        }
        _alive.Clear();
    }

    private void MakeOlder()
    {
        Version newest = _alive[0], older = Take(newest.Number - 1);
        for (int i = 0; i < _spares.Length; i++)
            older.Data[i] = Copy(newest.Data[i], _spares[i].TryPop(out Tensor? spare) ? spare : Like(newest.Data[i]));
        _alive.Insert(0, older);
    }

    private void Show(Version version)
    {
        for (int i = 0; i < _spares.Length; i++) Parameters[i].Show(version.Data[i]);
        foreach ((Parameter replica, Parameter owner) in _followers) replica.Show(owner.Data);
    }

    private bool Changes(int parameter) =>
        parameter < _updated ? Parameters[parameter].AwaitsUpdate : Parameters[parameter].Trainable;

    private Version Find(int number)
    {
        foreach (Version version in _alive)
            if (version.Number == number) return version;
        throw new ModelException(
            $"There is no weight version {number}; those alive are {string.Join(", ", _alive.Select(v => v.Number))}.",
            "a version ends with the update after its last reader");
    }

    private Version Take(int number)
    {
        Version version = _forgotten.TryPop(out Version? old) ? old : new Version(_spares.Length);
        (version.Number, version.Readers) = (number, 0);
        return version;
    }

    private bool IsShared(Tensor tensor, int parameter)
    {
        foreach (Version version in _alive)
            if (version.Data[parameter] == tensor) return true;
        return false;
    }

    /// <summary>How many tensors a parameter has, in versions and waiting.</summary>
    private int MemoriesOf(int parameter)
    {
        int count = _spares[parameter].Count;
        for (int v = 0; v < _alive.Count; v++)
            if (v == 0 || _alive[v].Data[parameter] != _alive[v - 1].Data[parameter]) count++;
        return count;
    }

    private static Tensor Like(Tensor tensor) => new(tensor.Backend, tensor.Shape, tensor.DType);

    private static Tensor Copy(Tensor from, Tensor to)
    {
        from.Backend.Copy(from.View, Into(to.View));
        to.Touch();
        return to;
    }

    private sealed class Version(int parameters)
    {
        public int Number { get; set; }

        public int Readers { get; set; }

        public Tensor[] Data { get; } = new Tensor[parameters];
    }
}
