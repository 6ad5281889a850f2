namespace AutogradCore.Pipeline;

/// <summary>How transfers between ranks share links and time with the work.</summary>
public enum TransferMode
{
    /// <summary>Transfers run beside the work, any number at once.</summary>
    Overlapped,

    /// <summary>Transfers run beside the work; the way from one rank to another carries one message at a time.</summary>
    OneAtATime,

    /// <summary>Rendezvous: a transfer keeps sender and receiver busy, and starts when neither does anything else.</summary>
    Blocking,
}
