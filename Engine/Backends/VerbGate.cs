namespace AutogradCore;

/// <summary>Lets verbs in while their backend lives, on any number of threads, and has its disposal wait for those under
/// way.</summary>
/// <remarks>Idea: a verb costs no interlocked operation. Each thread notes in memory of its own which gates it is inside; closing
/// puts a fence into every thread of the process, and then reads the notes. So either the verb sees that the gate is closed, or
/// closing sees the verb.</remarks>
public sealed class VerbGate
{
    private static readonly List<WeakReference<Visitor>> Visitors = [];

    [ThreadStatic]
    private static Visitor? t_visitor;

    private int _closed;

    /// <summary>Enters; disposing the result leaves again. A verb may enter again inside.</summary>
    /// <param name="backend">Whose gate it is, for the message.</param>
    /// <exception cref="ObjectDisposedException">The gate is closed.</exception>
    public Pass Enter(IBackend backend)
    {
        Visitor visitor = t_visitor ??= Register();
        visitor.Enter(this);
        if (Volatile.Read(ref _closed) == 0) return new Pass(visitor);
        visitor.Leave();
        throw new ObjectDisposedException(backend.GetType().Name, $"The {backend.Name} backend is disposed.");
    }

    /// <summary>Refuses verbs from now on, and waits until none is under way.</summary>
    /// <returns>Whether this call closed the gate; false where an earlier one did.</returns>
    /// <exception cref="InvalidOperationException">The calling thread is inside a verb, which would wait for itself.</exception>
    public bool Close()
    {
        if (t_visitor?.IsInside(this) == true)
            throw new InvalidOperationException("A backend cannot be disposed by one of its own verbs.");
        if (Interlocked.Exchange(ref _closed, 1) != 0) return false;
        Interlocked.MemoryBarrierProcessWide();
        SpinWait wait = default;
        while (IsEntered()) wait.SpinOnce();
        return true;
    }

    private bool IsEntered()
    {
        lock (Visitors)
        {
            foreach (WeakReference<Visitor> reference in Visitors)
                if (reference.TryGetTarget(out Visitor? visitor) && visitor.IsInside(this)) return true;
            return false;
        }
    }

    /// <summary>The calling thread's notes; those of threads that ended go.</summary>
    private static Visitor Register()
    {
        Visitor visitor = new();
        lock (Visitors)
        {
            Visitors.RemoveAll(reference => !reference.TryGetTarget(out _));
            Visitors.Add(new(visitor));
        }
        return visitor;
    }

    /// <summary>A verb's stay.</summary>
    public readonly ref struct Pass
    {
        private readonly Visitor _visitor;

        internal Pass(Visitor visitor) => _visitor = visitor;

        /// <summary>The verb is done.</summary>
        public void Dispose() => _visitor.Leave();
    }

    /// <summary>The gates that one thread is inside, outermost first. Only that thread writes.</summary>
    internal sealed class Visitor
    {
        private VerbGate?[] _inside = new VerbGate?[8];
        private int _depth;

        public void Enter(VerbGate gate)
        {
            if (_depth == _inside.Length)
            {
                VerbGate?[] longer = [.. _inside, .. new VerbGate?[_depth]];
                Volatile.Write(ref _inside, longer);
            }
            _inside[_depth] = gate;
            Volatile.Write(ref _depth, _depth + 1);
        }

        public void Leave() => Volatile.Write(ref _depth, _depth - 1);

        /// <summary>For any thread.</summary>
        public bool IsInside(VerbGate gate)
        {
            int depth = Volatile.Read(ref _depth);
            return Volatile.Read(ref _inside).AsSpan(0, depth).Contains(gate);
        }
    }
}
