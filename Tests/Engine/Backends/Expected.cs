namespace AutogradCore.Tests.Backends;

/// <summary>A number computed in double, and how many unit roundoffs of the element type a backend may be away from it.</summary>
public readonly record struct Expected(double Value, double Slack = 0)
{
    /// <summary>What accumulating this onto <paramref name="old"/> must give.</summary>
    public Expected On(double old) => new(old + Value, Slack + 2 * Math.Abs(old) + 2 * Math.Abs(Value));
}

/// <summary>A sum of n terms in any order, wherever rounded: wrong by at most about n·u·Σ|term|.</summary>
public struct Total
{
    private double _value, _absolute;
    private int _count;

    public void Add(double term) => (_value, _absolute, _count) = (_value + term, _absolute + Math.Abs(term), _count + 1);

    public readonly Expected Expected => new(_value, 2 * (_count + 4) * _absolute);
}
