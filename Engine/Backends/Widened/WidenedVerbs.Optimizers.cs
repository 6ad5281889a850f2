using static AutogradCore.Destination;

namespace AutogradCore;

public sealed partial class WidenedVerbs
{
    /// <inheritdoc cref="IBackend.Sgd"/>
    public void Sgd(in View w, in View gradient, in View velocity, in SgdStep step)
    {
        using Widening wide = new(backend);
        backend.Sgd(wide.Write(AddTo(w)).View, wide.Read(gradient), wide.Write(AddTo(velocity)).View, step);
        wide.Store();
    }

    /// <inheritdoc cref="IBackend.Adam"/>
    public void Adam(in View w, in View gradient, in View moment1, in View moment2, in AdamStep step)
    {
        using Widening wide = new(backend);
        backend.Adam(wide.Write(AddTo(w)).View, wide.Read(gradient), wide.Write(AddTo(moment1)).View,
            wide.Write(AddTo(moment2)).View, step);
        wide.Store();
    }
}
