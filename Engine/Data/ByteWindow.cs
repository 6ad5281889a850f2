namespace AutogradCore;

/// <summary>T+1 consecutive bytes as T inputs and T targets: targets[t] = inputs[t+1].</summary>
internal static class ByteWindow
{
    public static void Fill(ReadOnlySpan<byte> data, int start, Span<int> inputs, Span<int> targets)
    {
        for (int t = 0; t < inputs.Length; t++)
            (inputs[t], targets[t]) = (data[start + t], data[start + t + 1]);
    }

    /// <summary>Refuses data that has not even one window.</summary>
    public static void Require(int length, int timeSteps)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeSteps, 1);
        if (length - 1 < timeSteps)
            throw new CorpusException(
                null, null, $"a window of {timeSteps} steps needs {timeSteps + 1L} bytes and the data has {length}.",
                "Load more text, hold out another fraction, or shorten the windows.");
    }

    /// <summary>Refuses destinations of another length than the windows'.</summary>
    public static void RequireLength(int expected, int inputs, int targets)
    {
        if (inputs != expected || targets != expected)
            throw new ArgumentException($"inputs has {inputs} and targets has {targets} elements; both need {expected}.");
    }
}
