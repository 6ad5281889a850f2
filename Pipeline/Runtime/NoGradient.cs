namespace AutogradCore.Pipeline;

/// <summary>The message in place of a gradient where none reaches a stage's input: no elements, of a type that has no
/// gradient.</summary>
/// <remarks>Zeros would not do: a parameter whose gradient is zero decays and keeps its momentum, one without a gradient stays
/// as it is, and that is what one device does. Every I still sends one message and every earlier stage takes one.</remarks>
internal static class NoGradient
{
    /// <summary>Sends the message.</summary>
    public static void Send(ITransport transport, Message message, IBackend backend)
    {
        Buffer buffer = backend.Memory.Rent(0);
        try
        {
            transport.Send(message, new View(buffer, DType.Bool, [0]), backend);
        }
        finally
        {
            buffer.Return();
        }
    }

    /// <summary>Whether a message is this one.</summary>
    public static bool Is(in View message) => message.DType == DType.Bool;
}
