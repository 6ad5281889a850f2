namespace AutogradCore.Tests.Pipeline;

/// <summary>The identity, until it is told to do something else when it is recorded or run.</summary>
internal sealed class TrickLayer : Module
{
    public System.Action? WhenRecorded { get; set; }

    public System.Action? WhenRun { get; set; }

    public override Value Forward(Value x)
    {
        WhenRecorded?.Invoke();
        return new Trick(this).Apply(x);
    }

    private sealed class Trick(TrickLayer owner) : Op
    {
        public override void Infer(Signature s) => s.Output(s[0], s.DType(0));

        public override void Forward(in ForwardContext c)
        {
            owner.WhenRun?.Invoke();
            c.Backend.Copy(c[0], Destination.Into(c.Y));
        }

        public override void Gradient(in GradientContext c)
        {
            if (c.Wants(0, out Destination dx)) c.Backend.Copy(c.Dy, dx);
        }
    }
}
