namespace AutogradCore.Pipeline;

/// <summary>What a rank does to one microbatch of one stage; the letters are PyTorch's (torch.distributed.pipelining).</summary>
/// <remarks>2BP (arXiv 2405.18047) calls I backward-p1 and W backward-p2; the zero-bubble paper calls them B and W.</remarks>
public enum ActionKind
{
    /// <summary><c>F</c>: the forward pass.</summary>
    Forward,

    /// <summary><c>I</c>: gradients of the stage's inputs, which the previous stage waits for.</summary>
    BackwardInputs,

    /// <summary><c>W</c>: gradients of the stage's parameters, which nobody waits for before the optimizer step.</summary>
    BackwardWeights,

    /// <summary><c>B</c>: I and W in one.</summary>
    Backward,

    /// <summary><c>SEND_F</c>: the stage's output goes to the next stage.</summary>
    SendForward,

    /// <summary><c>RECV_F</c>: the stage's input arrives from the previous stage.</summary>
    ReceiveForward,

    /// <summary><c>SEND_B</c>: the gradient of the stage's input goes to the previous stage.</summary>
    SendBackward,

    /// <summary><c>RECV_B</c>: the gradient of the stage's output arrives from the next stage.</summary>
    ReceiveBackward,

    /// <summary><c>UNSHARD</c>: a stage's sharded parameters are gathered before use (FSDP); names no microbatch.</summary>
    Unshard,

    /// <summary><c>RESHARD</c>: gathered parameters are given up again; names no microbatch.</summary>
    Reshard,

    /// <summary><c>REDUCE_GRAD</c>: a stage's gradients are summed over data-parallel replicas, or over the layers that share its
    /// weights; names no microbatch.</summary>
    ReduceGradient,

    /// <summary><c>U</c>: the optimizer updates the stage's parameters; the number is the batch's. Schedules without a flush
    /// spell it out, in others it follows the last action. Not part of PyTorch's text.</summary>
    Update,
}
