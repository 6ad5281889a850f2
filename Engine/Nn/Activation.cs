namespace AutogradCore.Nn;

/// <summary>A function of values as a module, so that it can stand in a <see cref="Sequential"/>:
/// <c>new Activation(x => x.Relu())</c>.</summary>
/// <param name="function">What to record; it must use no parameters of its own.</param>
public sealed class Activation(Func<Value, Value> function) : Module
{
    /// <inheritdoc/>
    public override Value Forward(Value x) => function(x);
}
