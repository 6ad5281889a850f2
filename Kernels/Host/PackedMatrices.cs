namespace AutogradCore.Kernels.Host;

/// <summary>Matrices that callers promised not to change for a while, each packed the first time it is a transposed right factor,
/// and read from its panels from then on.</summary>
/// <remarks>
/// Idea: a stage multiplies every microbatch by the same weights. Packing costs as much as some ten rows of the product, which
/// is little for a thousand rows, but not for a microbatch of a hundred. Bits stay: tiles read the same numbers elsewhere.
/// </remarks>
internal sealed class PackedMatrices(Gemm gemm, MemoryPool memory)
{
    private readonly Dictionary<nint, Entry> _entries = [];
    private readonly Stack<Entry> _free = [];

    /// <summary>Begins a promise over matrices; disposing ends it.</summary>
    public IDisposable Hold(IReadOnlyList<View> matrices) => new Promise(this, matrices);

    /// <summary>The same product, its B read from panels where B is held and stored [N,K].</summary>
    public unsafe GemmTerm<T> Find<T>(in GemmTerm<T> term, int n) where T : unmanaged
    {
        if (_entries.Count == 0 || !term.TransposeB || term.K == 0 || !_entries.TryGetValue((nint)term.B, out Entry? entry))
            return term;
        (int, int, int, Type) form = (n, term.K, term.Ldb, typeof(T));
        if (!entry.Matrix.IsLent) return term; // given back within the promise: the address is another's now
        if (!entry.Panels.Exists)
        {
            entry.Panels = memory.Rent(gemm.PackedElements<T>(n, term.K) * sizeof(T));
            entry.Form = form;
            gemm.Pack(term, n, (T*)entry.Panels.Pointer);
        }
        return entry.Form == form ? term.WithPanels((T*)entry.Panels.Pointer, n) : term;
    }

    private sealed class Entry
    {
        public int Holders { get; set; }

        /// <summary>The memory of the matrix.</summary>
        public Buffer Matrix { get; private set; }

        public Buffer Panels { get; set; }

        public (int N, int K, int Leading, Type Element) Form { get; set; }

        /// <summary>Takes a matrix at the entry's address; panels of another one that lay there are forgotten.</summary>
        public void Show(Buffer matrix)
        {
            if (Matrix != matrix) Forget();
            Matrix = matrix;
        }

        public void Forget()
        {
            if (Panels.Exists) Panels.Return();
            Panels = default;
        }
    }

    private sealed class Promise : IDisposable
    {
        private readonly PackedMatrices _all;
        private nint[] _held;

        public unsafe Promise(PackedMatrices all, IReadOnlyList<View> matrices)
        {
            (_all, _held) = (all, new nint[matrices.Count]);
            for (int i = 0; i < _held.Length; i++)
            {
                View matrix = matrices[i];
                _held[i] = (nint)(matrix.DType == DType.Float64 ? matrix.Pointer<double>() : (void*)matrix.Pointer<float>());
                if (!all._entries.TryGetValue(_held[i], out Entry? entry))
                    all._entries.Add(_held[i], entry = all._free.TryPop(out Entry? free) ? free : new());
                entry.Holders++;
                entry.Show(matrix.Buffer);
            }
        }

        public void Dispose()
        {
            foreach (nint matrix in _held)
            {
                Entry entry = _all._entries[matrix];
                if (--entry.Holders > 0) continue;
                _all._entries.Remove(matrix);
                entry.Forget();
                _all._free.Push(entry);
            }
            _held = [];
        }
    }
}
