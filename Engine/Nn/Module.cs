namespace AutogradCore;

/// <summary>
/// A part of a model: parameters and smaller modules in its fields and properties, found by themselves, so that none can be
/// forgotten. Names are paths of field names: <c>blocks.0.mlp.up.weight</c>.
/// </summary>
/// <remarks>Parameters and modules may stand in fields directly, or in arrays and lists, and may be replaced and added to until
/// the model is initialised: each question looks anew. Whatever else leads to one that would be forgotten, such as a dictionary,
/// a plain object or what a delegate has captured, is an error. Members are taken base class first, then in order of
/// declaration.</remarks>
public abstract class Module : IDisposable
{
    /// <summary>Whether dropout and the like are active; set for a whole model with <see cref="Train"/>.</summary>
    /// <remarks>A module whose recording depends on it asks <see cref="IsTrainingOn"/> instead.</remarks>
    public bool IsTraining { get; private set; } = true;

    /// <summary>The path of this module in its model; empty for the model itself.</summary>
    public string Path { get; private set; } = "";

    /// <summary>A number that is this module's own within a run, drawn from its path: the key of its random numbers. Each use in
    /// one recording draws others under it, see <see cref="Graph.RandomKey"/>; recording the model again gives the
    /// same.</summary>
    public ulong RandomKey => Philox.KeyOf(Path, 0);

    /// <summary>Records the module's computation and returns its result.</summary>
    public abstract Value Forward(Value x);

    /// <summary>All parameters, depth first, in order of declaration; a shared parameter comes once.</summary>
    /// <exception cref="ModelException">A field leads to a parameter or module that is not registered.</exception>
    public IReadOnlyList<Parameter> Parameters() => new ModuleScan(this).RequireNothingHidden().Parameters;

    /// <summary>This module and all below it, depth first; a shared module comes once.</summary>
    /// <exception cref="ModelException">A field leads to a parameter or module that is not registered.</exception>
    public IReadOnlyList<Module> Modules() => new ModuleScan(this).RequireNothingHidden().Modules;

    /// <summary>The number of parameter elements, shared ones once.</summary>
    public long ParameterCount => Parameters().Sum(p => (long)p.Shape.ElementCount);

    /// <summary>Gives all parameters names, memory on <paramref name="backend"/> and first values drawn from name and
    /// seed.</summary>
    /// <exception cref="ModelException">Some are initialised already, two parts of the model have one name, or a field leads to a
    /// parameter or module that is not registered.</exception>
    public void Initialize(IBackend backend, ulong seed, DType dtype = DType.Float32)
    {
        IReadOnlyList<Parameter> parameters = Parameters();
        foreach (Parameter parameter in parameters) parameter.RequireUninitialized();
        AssignNames();
        foreach (Parameter parameter in parameters) parameter.Initialize(backend, seed, dtype);
    }

    /// <summary>Names every module and parameter below by its path, starting with <paramref name="path"/>. The first path to a
    /// shared one names it.</summary>
    /// <exception cref="ModelException">Two parts of the model have one name, or a field leads to a parameter or module that is
    /// not registered.</exception>
    public void AssignNames(string path = "")
    {
        ModuleScan scan = new ModuleScan(this).RequireNothingHidden();
        HashSet<object> named = new(ReferenceEqualityComparer.Instance);
        HashSet<string> names = [];
        Name(this, path);

        void Name(Module module, string path)
        {
            if (!named.Add(module)) return;
            module.Path = path;
            foreach ((string name, object member) in scan.MembersOf(module))
            {
                string full = path.Length == 0 ? name : $"{path}.{name}";
                if (named.Contains(member)) continue;
                if (!names.Add(full))
                    throw new ModelException($"Two parts of {module.GetType().Name} are called '{full}'.",
                        "rename one of the fields or properties");
                if (member is Parameter p && named.Add(p)) p.Name = full;
                else if (member is Module child) Name(child, full);
            }
        }
    }

    /// <summary><see cref="IsTraining"/> for a module that records something else in each mode. The graph notes the answer and
    /// refuses to run in the other mode, since a recording stays as it is.</summary>
    /// <param name="graph">The graph that is recorded on.</param>
    public bool IsTrainingOn(Graph graph)
    {
        graph.NoteMode(this, IsTraining);
        return IsTraining;
    }

    /// <summary>Switches training behaviour, such as dropout, on or off for this module and all below it; takes effect when
    /// operations are recorded. A graph recorded in the other mode refuses to run where that makes a difference.</summary>
    public void Train(bool training = true)
    {
        foreach (Module module in Modules()) module.IsTraining = training;
    }

    /// <summary>Frees all registered parameters; never throws.</summary>
    public virtual void Dispose()
    {
        foreach (Parameter parameter in new ModuleScan(this).Parameters) parameter.Dispose();
        GC.SuppressFinalize(this);
    }
}
