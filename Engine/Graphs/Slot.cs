namespace AutogradCore;

/// <summary>One output of a node: its shape, its memory, and its gradient while there is one.</summary>
/// <remarks>The gradient has an element type of its own: that of weights is summed over uses and microbatches in floats, also
/// where the weights are rounded to <see cref="DType.BFloat16"/>.</remarks>
internal sealed class Slot(in Shape shape, DType dtype, Storage storage, DType gradientDType)
{
    public Slot(in Shape shape, DType dtype, Storage storage) : this(shape, dtype, storage, dtype)
    {
    }

    public Shape Shape { get; } = shape;

    public DType DType { get; } = dtype;

    public DType GradientDType { get; } = gradientDType;

    public Storage Storage { get; } = storage;

    public Buffer? GradientBuffer { get; set; }

    /// <summary>The gradient survives its phase because a user asked for it.</summary>
    public bool KeepsGradient { get; set; }

    /// <summary>A user gave the gradient up for the rest of this step.</summary>
    public bool GradientReleased { get; set; }

    public long Bytes => (long)Shape.ElementCount * DType.Size();

    public long GradientBytes => (long)Shape.ElementCount * GradientDType.Size();

    public View View => new(Storage.Buffer!.Value, DType, Shape);

    public View Gradient => new(GradientBuffer!.Value, GradientDType, Shape);
}
