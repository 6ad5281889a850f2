namespace AutogradCore.Pipeline;

/// <summary>W piece by piece, one deferred rule at a time, so that a wait can be filled with it.</summary>
internal static class WeightPieces
{
    /// <summary>Runs pieces until none is left or a message is there.</summary>
    /// <param name="graph">What owes W.</param>
    /// <param name="message">What the rank waits for.</param>
    /// <param name="transport">Where it comes from.</param>
    /// <param name="finished">Whether none is left.</param>
    /// <param name="received">What has come.</param>
    /// <param name="cancellation">Ends it between pieces.</param>
    /// <returns>Whether it has come.</returns>
    public static bool RunUntil(Graph graph, Message message, ITransport transport, out bool finished, out Received received,
        CancellationToken cancellation)
    {
        bool arrived;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            finished = !graph.RunNextDeferred();
            arrived = transport.TryReceive(message, out received);
        }
        while (!finished && !arrived);
        return arrived;
    }
}
