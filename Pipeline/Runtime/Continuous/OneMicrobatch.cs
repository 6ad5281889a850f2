namespace AutogradCore.Pipeline;

/// <summary>One microbatch of whichever batch it is in, under any number: graphs are numbered by the place they are kept
/// in.</summary>
internal sealed class OneMicrobatch : IMicrobatches
{
    private IMicrobatches? _batch;
    private int _index;

    /// <summary>Those of the batch, over which the loss is.</summary>
    public int Count => _batch!.Count;

    public DType InputDType => _batch!.InputDType;

    public DType TargetDType => _batch!.TargetDType;

    public OneMicrobatch Of(IMicrobatches batch, int index)
    {
        (_batch, _index) = (batch, index);
        return this;
    }

    public Shape InputShape(int microbatch) => _batch!.InputShape(_index);

    public Shape TargetShape(int microbatch) => _batch!.TargetShape(_index);

    public void FeedInput(int microbatch, Value placeholder) => _batch!.FeedInput(_index, placeholder);

    public void FeedTarget(int microbatch, Value placeholder) => _batch!.FeedTarget(_index, placeholder);

    public double? Weight(int microbatch, int? ignored) => _batch!.Weight(_index, ignored);
}
