namespace AutogradCore;

/// <summary>One output of a node: its shape, its memory, and its gradient while there is one.</summary>
internal sealed class Slot(in Shape shape, DType dtype, Storage storage)
{
    public Shape Shape { get; } = shape;

    public DType DType { get; } = dtype;

    public Storage Storage { get; } = storage;

    public Buffer? GradientBuffer { get; set; }

    /// <summary>The gradient survives its phase because a user asked for it.</summary>
    public bool KeepsGradient { get; set; }

    /// <summary>A user gave the gradient up for the rest of this step.</summary>
    public bool GradientReleased { get; set; }

    public long Bytes => (long)Shape.ElementCount * DType.Size();

    public View View => new(Storage.Buffer!, DType, Shape);

    public View Gradient => new(GradientBuffer!, DType, Shape);
}
