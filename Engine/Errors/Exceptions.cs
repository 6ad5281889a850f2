namespace AutogradCore;

/// <summary>Shapes that do not fit together: names the op, the operands, both shapes and the letter that disagrees.</summary>
public sealed class ShapeMismatchException(string message, string? hint = null) : AutogradException(message, hint);

/// <summary>Element types that do not fit together, or an element type an op cannot take.</summary>
public sealed class DTypeException(string message, string? hint = null) : AutogradException(message, hint);

/// <summary>A graph used in the wrong order: backward twice, weights before inputs, a seed missing, an input not fed.</summary>
public sealed class PhaseException(string message, string? hint = null) : AutogradException(message, hint);

/// <summary>A value used where it does not belong: on another graph, after its graph was cleared, after it was freed.</summary>
public sealed class GraphException(string message, string? hint = null) : AutogradException(message, hint);

/// <summary>An op that breaks its own declarations: it reads what it did not declare, or leaves out a gradient it owes.</summary>
public sealed class OpContractException(string message, string? hint = null) : AutogradException(message, hint);

/// <summary>A NaN or an infinity where there must be none; names the op, the phase and the parameter path nearby.</summary>
public sealed class AnomalyException(string message, string? hint = null) : AutogradException(message, hint);

/// <summary>An index (token id, class, position) outside its table;
/// names the op, the position, the value and the bound.</summary>
public sealed class IndexRangeException(string message, string? hint = null) : AutogradException(message, hint);

/// <summary>A model, an optimizer or an option put together wrongly: unregistered, uninitialised or duplicate parameters,
/// impossible sizes, numbers outside their range.</summary>
public sealed class ModelException(string message, string? hint = null) : AutogradException(message, hint);

/// <summary>A use of memory that would reach somebody else's: after it was given back, or past the end of a buffer.</summary>
public sealed class MemoryException(string message, string? hint = null) : AutogradException(message, hint);

/// <summary>A backend that has no memory left; says what was asked for, lent and reserved.</summary>
public sealed class AllocationException(string message, string? hint = null, Exception? inner = null)
    : AutogradException(message, hint, inner);
