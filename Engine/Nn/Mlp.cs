namespace AutogradCore.Nn;

/// <summary>y = W₂·gelu(W₁·x + b₁) + b₂.  x, y:[..,C], hidden width 4·C by custom</summary>
public sealed class Mlp : Module
{
    private readonly Linear _up, _down;

    /// <summary>A perceptron of one hidden layer.</summary>
    /// <param name="features">C.</param>
    /// <param name="hidden">The hidden width; 4·C when left out.</param>
    /// <param name="output">First values of W₂.</param>
    public Mlp(int features, int? hidden = null, Initializer? output = null)
    {
        _up = new Linear(features, hidden ?? 4 * features, initializer: Initializer.Normal(0.02));
        _down = new Linear(hidden ?? 4 * features, features, initializer: output ?? Initializer.Normal(0.02));
    }

    /// <inheritdoc/>
    public override Value Forward(Value x) => _down.Forward(_up.Forward(x).Gelu(tanh: true));
}
