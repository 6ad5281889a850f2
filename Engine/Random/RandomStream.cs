namespace AutogradCore;

/// <summary>A random sequence with random access: value i depends on (key, stream, i) only.</summary>
/// <remarks>
/// The Philox counter is (i divided by the values per block, stream). The four kinds of value are made from the same bits, so
/// draw one kind from a stream and give another purpose another stream number.
/// </remarks>
/// <param name="Key">What the sequence is for, for example <see cref="Philox.KeyOf"/> of a parameter's name and the seed.</param>
/// <param name="Stream">Which of the 2^64 independent sequences under that key, for example the training step.</param>
public readonly record struct RandomStream(ulong Key, ulong Stream)
{
    /// <summary>The sequence named <paramref name="name"/> under <paramref name="seed"/>.</summary>
    public static RandomStream Named(string name, ulong seed, ulong stream = 0) => new(Philox.KeyOf(name, seed), stream);

    /// <summary>Value <paramref name="index"/> as 32 uniform bits; four values per block.</summary>
    public uint Bits(long index) => Philox.Block(Key, (ulong)index >> 2, Stream)[(int)index & 3];

    /// <summary>Value <paramref name="index"/> as 64 uniform bits; two values per block.</summary>
    public ulong Bits64(long index)
    {
        PhiloxBlock block = Philox.Block(Key, (ulong)index >> 1, Stream);
        return (index & 1) == 0 ? block.Low : block.High;
    }

    /// <summary>Value <paramref name="index"/>, uniform in [0, 1) with 24 bits.</summary>
    public float Uniform(long index) => Philox.UniformSingle(Bits(index));

    /// <summary>Value <paramref name="index"/>, uniform in [0, 1) with 53 bits.</summary>
    public double UniformDouble(long index) => Philox.UniformDouble(Bits64(index));

    /// <summary>Value <paramref name="index"/>, standard normal; two values per block.</summary>
    public double Normal(long index)
    {
        (double first, double second) = Philox.Normals(Philox.Block(Key, (ulong)index >> 1, Stream));
        return (index & 1) == 0 ? first : second;
    }

    /// <summary>Value <paramref name="index"/>, an integer uniform in [0, <paramref name="n"/>).</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="n"/> is less than 1.</exception>
    public long Below(long index, long n) => Philox.Below(Bits64(index), n);

    /// <summary>Writes values first, first + 1, ... of <see cref="Uniform"/>.</summary>
    public void FillUniform(Span<float> into, long first = 0)
    {
        int i = 0;
        while (i < into.Length)
        {
            PhiloxBlock block = Philox.Block(Key, (ulong)(first + i) >> 2, Stream);
            for (int lane = (int)(first + i) & 3; lane < 4 && i < into.Length; lane++)
                into[i++] = Philox.UniformSingle(block[lane]);
        }
    }

    /// <summary>Writes values first, first + 1, ... of <see cref="Normal"/>, each times <paramref name="scale"/>.</summary>
    public void FillNormal(Span<double> into, double scale = 1, long first = 0)
    {
        int i = 0;
        while (i < into.Length)
        {
            (double even, double odd) = Philox.Normals(Philox.Block(Key, (ulong)(first + i) >> 1, Stream));
            if (((first + i) & 1) == 0)
                into[i++] = even * scale;
            if (i < into.Length)
                into[i++] = odd * scale;
        }
    }

    /// <summary>As the double overload, then rounded once to float, so that both precisions start from the same values.</summary>
    public void FillNormal(Span<float> into, double scale = 1, long first = 0)
    {
        Span<double> chunk = stackalloc double[256];
        for (int done = 0; done < into.Length; done += chunk.Length)
        {
            Span<double> part = chunk[..Math.Min(chunk.Length, into.Length - done)];
            FillNormal(part, scale, first + done);
            for (int i = 0; i < part.Length; i++)
                into[done + i] = (float)part[i];
        }
    }
}
