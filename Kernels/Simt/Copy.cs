namespace AutogradCore.Kernels.Simt;

/// <summary>Some bytes of emulated memory.</summary>
/// <param name="Memory">Null where there are none.</param>
/// <param name="Offset">The first byte.</param>
internal readonly record struct Place(SimtMemory? Memory, long Offset);

/// <summary>A copy that was started and takes effect where it is waited for.</summary>
/// <param name="From">What it reads.</param>
/// <param name="To">What it writes.</param>
/// <param name="Size">The bytes it writes.</param>
/// <param name="Bytes">The bytes it reads; zeros follow.</param>
/// <param name="Site">Where it was started.</param>
internal readonly record struct Copy(Place From, Place To, int Size, int Bytes, Site Site)
{
    /// <summary>From here on, others must keep away.</summary>
    public void Begin(Lane lane)
    {
        From.Memory?.BeginCopy(lane, From.Offset, Bytes, AccessKind.Read, Site);
        To.Memory!.BeginCopy(lane, To.Offset, Size, AccessKind.Write, Site);
        Target.Fill(0xFF);
    }

    /// <summary>Moves the bytes; the lane itself may use them from here on.</summary>
    public void Finish(Lane lane)
    {
        From.Memory?.EndCopy(lane, From.Offset, Bytes, AccessKind.Read, Site);
        To.Memory!.EndCopy(lane, To.Offset, Size, AccessKind.Write, Site);
        Target.Clear();
        if (From.Memory is { } from) from.Span(From.Offset, Bytes).CopyTo(Target);
    }

    private Span<byte> Target => To.Memory!.Span(To.Offset, Size);
}
