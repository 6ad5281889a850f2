namespace AutogradCore.Checking;

/// <summary>Operands on which an op is known to be differentiable, and how it is applied to them.</summary>
/// <param name="Op">The op's type.</param>
/// <param name="Name">The op's name, with the variant after a colon: <c>Gelu</c>, <c>MatMul:transposed</c>.</param>
/// <param name="Apply">Records the op.</param>
/// <param name="Operands">Where to check it.</param>
public sealed record OpSample(
    Type Op, string Name, Func<IReadOnlyList<Value>, IReadOnlyList<Value>> Apply, params CheckOperand[] Operands)
{
    /// <summary>Checks the op's gradients and the laws of the split on these operands.</summary>
    public GradCheckReport Check(IBackend? backend = null, GradCheckOptions? options = null) => backend is null
        ? GradCheck.Run(Name, Apply, options ?? new GradCheckOptions(), Operands)
        : GradCheck.Run(backend, Name, Apply, options ?? new GradCheckOptions(), Operands);
}

/// <summary>A wrong use of an op and the error it must give.</summary>
/// <param name="Op">The op's type.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="Apply">Records the op on a fresh graph, and runs it where the error is in the data.</param>
/// <param name="Error">The type of the error.</param>
/// <param name="Says">A part of the message that shows the picture.</param>
public sealed record OpErrorSample(Type Op, string Problem, Func<Graph, Value> Apply, Type Error, string Says);
