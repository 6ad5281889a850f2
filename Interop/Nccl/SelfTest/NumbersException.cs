namespace AutogradCore.Interop;

/// <summary>NCCL did what it was asked, and something else came out.</summary>
internal sealed class NumbersException(string message) : Exception(message);
