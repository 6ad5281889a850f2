namespace AutogradCore;

/// <summary>The operands of an op being recorded, and where the op declares its outputs. Requirements fail with the picture:
/// op, label, every operand's letter, name and shape.</summary>
public sealed class Signature
{
    private readonly Op _op;
    private readonly Value[] _operands;

    internal Signature(Op op, Value[] operands) => (_op, _operands) = (op, operands);

    internal List<(Shape Shape, DType DType)> Outputs { get; } = [];

    internal List<(Shape Shape, DType DType)> Extras { get; } = [];

    internal ulong Differentiable { get; private set; } = ulong.MaxValue;

    /// <summary>The number of operands.</summary>
    public int Count => _operands.Length;

    /// <summary>The shape of operand <paramref name="index"/>.</summary>
    public Shape this[int index] => _operands[index].Shape;

    /// <summary>The element type of operand <paramref name="index"/>.</summary>
    public DType DType(int index) => _operands[index].DType;

    /// <summary>Declares the next output.</summary>
    public void Output(in Shape shape, DType dtype) => Outputs.Add((shape, dtype));

    /// <summary>Declares the next saved extra: something <see cref="Op.Forward"/> computes
    /// for the gradient rules alone.</summary>
    public void Save(in Shape shape, DType dtype) => Extras.Add((shape, dtype));

    /// <summary>Declares that operand <paramref name="index"/> has no gradient, whatever its element type.</summary>
    public void NotDifferentiable(int index) => Differentiable &= ~(1UL << index);

    /// <summary>Requires a number of operands.</summary>
    public void RequireCount(int least, int most)
    {
        if (Count < least || Count > most)
            throw new ShapeMismatchException(
                $"{_op.Name} takes {(least == most ? $"{least}" : $"{least} to {most}")} "
                + $"operand{(most == 1 ? "" : "s")}, not {Count}.");
    }

    /// <summary>Requires floating operands of one element type among the given ones (all when none is named).</summary>
    public DType RequireFloating(params ReadOnlySpan<int> indices)
    {
        ReadOnlySpan<int> all = indices.IsEmpty ? Enumerable.Range(0, Count).ToArray() : indices;
        foreach (int i in all)
        {
            if (!DType(i).IsFloating())
                throw new DTypeException(
                    $"{Picture()}: {_op.OperandName(i)} is {DType(i)}, but must be Float32, Float64 or BFloat16.",
                    "Cast it first");
            if (DType(i) != DType(all[0]))
                throw new DTypeException(
                    $"{Picture()}: {_op.OperandName(all[0])} is {DType(all[0])} and {_op.OperandName(i)} is {DType(i)}.",
                    "Cast one of them; element types are never mixed silently");
        }
        return DType(all[0]);
    }

    /// <summary>Requires a vector of the element type that goes with a matrix, or of the type in which that is summed: gains,
    /// shifts and biases may stay floats beside BFloat16.</summary>
    /// <param name="index">The vector.</param>
    /// <param name="dtype">The element type of the other operands.</param>
    public void RequireVectorFor(int index, DType dtype)
    {
        RequireRank(index, 1, 1);
        if (DType(index) != dtype && DType(index) != dtype.Sums())
            throw new DTypeException($"{Picture()}: {_op.OperandName(index)} is {DType(index)} beside {dtype}.",
                "Cast one of them; element types are never mixed silently");
    }

    /// <summary>Requires an element type.</summary>
    public void RequireDType(int index, DType dtype)
    {
        if (DType(index) != dtype)
            throw new DTypeException($"{Picture()}: {_op.OperandName(index)} is {DType(index)}, but must be {dtype}.",
                dtype == AutogradCore.DType.Int32
                    ? "give ids and targets with Input<int>, or Cast them"
                    : "give masks with Input<byte>, or Cast them");
    }

    /// <summary>Requires a number of axes.</summary>
    public void RequireRank(int index, int least, int most = Shape.MaxRank)
    {
        int rank = this[index].Rank;
        if (rank < least || rank > most)
            throw new ShapeMismatchException($"{Picture()}: {_op.OperandName(index)} has {rank} axes, but needs "
                + (least == most ? $"{least}." : most == Shape.MaxRank ? $"at least {least}." : $"{least} to {most}."));
    }

    /// <summary>Requires that two lengths which the formula calls by one letter agree.</summary>
    /// <param name="letter">The letter: N, K, M, B, T, H, D, V or C.</param>
    /// <param name="a">One operand.</param>
    /// <param name="aLength">Its length for the letter.</param>
    /// <param name="b">The other operand.</param>
    /// <param name="bLength">Its length for the letter.</param>
    /// <param name="hint">The usual cause.</param>
    public void RequireEqual(string letter, int a, int aLength, int b, int bLength, string? hint = null)
    {
        if (aLength != bLength)
            throw new ShapeMismatchException(
                $"{Header()}: {Show(a)} and {Show(b)} disagree on {letter} ({aLength} vs {bLength}).", hint);
    }

    /// <summary>Requires anything else; <paramref name="problem"/> completes the sentence after the picture.</summary>
    public void Require(bool holds, string problem, string? hint = null)
    {
        if (!holds) throw new ShapeMismatchException($"{Picture()}: {problem}", hint);
    }

    internal string Picture() => $"{Header()}({string.Join(", ", Enumerable.Range(0, Count).Select(Show))})";

    private string Header() => Node.LabelOf(_operands) is { Length: > 0 } label ? $"{_op.Name} '{label}'" : _op.Name;

    private string Show(int index)
    {
        string name = _operands[index].Name is { Length: > 0 } n ? $" '{n}'" : "";
        return $"{_op.OperandName(index)}:{this[index]}{name}";
    }
}
