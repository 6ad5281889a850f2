namespace AutogradCore.Interop;

/// <summary>What moves, and comes out as it went in.</summary>
public sealed partial class NcclSelfTest
{
    private const int Count = 1003; // no multiple of anything

    private void Transfers()
    {
        foreach (NcclDataType type in Enum.GetValues<NcclDataType>())
            OnMain($"send to itself, {Name(type)}", Needs(type), main =>
            {
                SentToItself(main, type, Count);
                return $"{Count} elements";
            });
        OnMain("send to itself, large", null, main =>
        {
            SentToItself(main, NcclDataType.Float32, LargeBytes / sizeof(float));
            return $"{LargeBytes >> 20} MiB";
        });
        OnMain("send to itself, two in order", null, main =>
        {
            byte[] noise = NcclNumbers.Noise(2 * Count);
            Moved(main, NcclDataType.UInt8, noise, noise, (from, to) =>
            {
                using NcclGroup group = _nccl.Group(main);
                main.Send(from, Count, NcclDataType.UInt8, 0, _device.Stream);
                main.Send(from + Count, Count, NcclDataType.UInt8, 0, _device.Stream);
                main.Receive(to, Count, NcclDataType.UInt8, 0, _device.Stream);
                main.Receive(to + Count, Count, NcclDataType.UInt8, 0, _device.Stream);
                group.End();
            });
            return "the first send met the first receive";
        });
        Collective("broadcast", null, (on, type, from, to) => on.Broadcast(from, to, Count, type, root: 0, _device.Stream));
        Collective("all-gather", null, (on, type, from, to) => on.AllGather(from, to, Count, type, _device.Stream));
        unsafe
        {
            Collective("all-to-all", _library.Functions.AllToAll == null ? $"NCCL {_library.Version} has none; 2.28 has" : null,
                (on, type, from, to) => on.AllToAll(from, to, Count, type, _device.Stream));
        }
    }

    /// <summary>A call that only moves, with every type.</summary>
    private void Collective(string name, string? skip, Action<NcclCommunicator, NcclDataType, nint, nint> call) =>
        OnMain(name, skip, main =>
        {
            NcclDataType[] types = [.. Enum.GetValues<NcclDataType>().Where(type => Needs(type) is null)];
            foreach (NcclDataType type in types)
            {
                byte[] noise = NcclNumbers.Noise(Count * type.Size());
                Moved(main, type, noise, noise, (from, to) => call(main, type, from, to));
            }
            return $"{types.Length} types";
        });

    private string? Needs(NcclDataType type) =>
        type.IsFloat8() && _library.Code < 22400 ? $"NCCL {_library.Version} has no such type; 2.24 has" : null;

    private void SentToItself(NcclCommunicator on, NcclDataType type, long count)
    {
        byte[] noise = NcclNumbers.Noise(count * type.Size());
        Moved(on, type, noise, noise, (from, to) =>
        {
            using NcclGroup group = _nccl.Group(on);
            on.Send(from, count, type, peer: 0, _device.Stream);
            on.Receive(to, count, type, peer: 0, _device.Stream);
            group.End();
        });
    }

    /// <summary>Uploads, has NCCL do something, and compares every byte of what it wrote, and those after, which it must
    /// not.</summary>
    private void Moved(NcclCommunicator on, NcclDataType type, byte[] input, byte[] expected, Action<nint, nint> call)
    {
        byte[] wrong = new byte[expected.Length + GuardBytes];
        for (int i = 0; i < wrong.Length; i++) wrong[i] = i < expected.Length ? (byte)~expected[i] : (byte)0xA5;
        _device.Upload(input, _from);
        _device.Upload(wrong, _to);
        call(_from, _to);
        on.WaitUntilReady(_runner.Left);
        _device.Synchronize();
        byte[] got = new byte[wrong.Length];
        _device.Download(_to, got);
        Compare(type, expected, got, GuardBytes, "what came");
    }

    private static void Compare(NcclDataType type, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> got, int guard, string what)
    {
        int same = expected.CommonPrefixLength(got);
        if (same < expected.Length)
        {
            int size = type.Size(), element = same / size;
            throw new NumbersException($"{Name(type)}: element {element} of {what} is "
                + $"0x{Hex(got.Slice(element * size, size))}, not 0x{Hex(expected.Slice(element * size, size))}.");
        }
        if (got[expected.Length..].IndexOfAnyExcept((byte)0xA5) is var over and >= 0 && over < guard)
            throw new NumbersException($"{Name(type)}: byte {over} behind the {expected.Length} of {what} was written.");
    }

    /// <summary>Bytes as one reads a number: the highest first.</summary>
    private static string Hex(ReadOnlySpan<byte> littleEndian)
    {
        byte[] bytes = littleEndian.ToArray();
        Array.Reverse(bytes);
        return Convert.ToHexString(bytes);
    }

    private static string Name(NcclDataType type) => type.ToString().ToLowerInvariant();
}
