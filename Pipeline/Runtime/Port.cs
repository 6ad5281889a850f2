using AutogradCore.Nn;

namespace AutogradCore.Pipeline;

/// <summary>Where activations enter or leave a stage, and their gradients the other way.</summary>
/// <param name="Peer">The stage at the other end.</param>
/// <param name="Channel">0 between neighbours; the number of a skip connection.</param>
/// <param name="End">Where the skip connection ends; null between neighbours.</param>
internal sealed record Port(int Peer, int Channel, SkipIn? End);
