using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public abstract partial class KernelBackend
{
    /// <summary>Terms from which a sum over the inner axis is worth a group.</summary>
    private const int GroupTerms = 16;

    /// <summary>Fewer terms than this are not split into chunks.</summary>
    private const int LeastChunk = 16;

    /// <inheritdoc/>
    public void Sum(in View x, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Sum(x, y);
        if (AreRounded(x, y.View)) Sum<ushort, BFloat16InDouble, ushort, BFloat16InDouble>(x, y);
        else if (AreRounded(x) && AreFloats(y.View)) Sum<ushort, BFloat16InDouble, float, SingleInDouble>(x, y);
        else if (WidenedVerbs.Are(x, y.View)) _widened.Sum(x, y);
        else if (x.DType == DType.Float64) Sum<double, AsIs<double>, double, AsIs<double>>(x, y);
        else Sum<float, SingleInDouble, float, SingleInDouble>(x, y);
    }

    private void Sum<TFrom, TRead, TTo, TWrite>(in View x, in Destination y)
        where TFrom : unmanaged
        where TRead : struct, IStorage<TFrom, double>
        where TTo : unmanaged
        where TWrite : struct, IStorage<TTo, double>
    {
        int outputs = y.View.Shape.ElementCount;
        if (outputs == 0) return;
        // x splits into the first term of every sum, laid out like y, and the terms of the first sum.
        View firsts = x, terms = x;
        int lacking = x.Shape.Rank - y.View.Shape.Rank;
        for (int axis = 0; axis < x.Shape.Rank; axis++)
        {
            if (axis < lacking || y.View.Shape[axis - lacking] == 1) firsts = firsts.Slice(axis, 0, Math.Min(1, x.Shape[axis]));
            else terms = terms.Slice(axis, 0, 1);
        }
        int count = terms.Shape.ElementCount;
        Walk ofOutputs = Walk.Of(firsts), ofTerms = Walk.Of(terms);
        bool inner = terms.Shape.Rank > 0 && terms.Shape.Last > 1 && x.Stride(x.Shape.Rank - 1) == 1;
        StoredView<double, TFrom, TRead> from = Stored<double, TFrom, TRead>(x);
        StoredView<double, TTo, TWrite> to = Stored<double, TTo, TWrite>(y);
        if (inner && count >= GroupTerms)
        {
            int isAligned = ofOutputs.GoesInFours ? AreFours<TFrom>(count, x) : 0;
            SumByGroups(from, to, ofOutputs, ofTerms, outputs, count, isAligned, Adds(y));
            return;
        }
        (int chunkTerms, int chunks) = Chunks(count, outputs);
        int areFours = AreFours<TFrom>(outputs, x);
        if (chunks == 1)
        {
            areFours &= AreFours<TTo>(outputs, y.View);
            LaunchSum(from, to, ofOutputs, ofTerms, outputs, count, count, 1, areFours, Adds(y));
            return;
        }
        using Temporary<double> parts = Rent<double>((long)chunks * outputs);
        StoredView<double, double, AsIs<double>> partial = new(parts.Elements);
        LaunchSum(from, partial, ofOutputs, ofTerms, outputs, count, chunkTerms, chunks, areFours, 0);
        SumChunks<TTo, TWrite>(parts.Elements, chunks, outputs, y);
    }

    /// <summary>One group for each sum. Where there are few, as many groups for its chunks of whole tiles as keep the device
    /// busy, and one more for the chunks' sums.</summary>
    private void SumByGroups<TFrom, TRead, TTo, TWrite>(
        StoredView<double, TFrom, TRead> x, StoredView<double, TTo, TWrite> y, Walk ofOutputs, Walk ofTerms, int outputs,
        int terms, int isAligned, int adds)
        where TFrom : unmanaged
        where TRead : struct, IStorage<TFrom, double>
        where TTo : unmanaged
        where TWrite : struct, IStorage<TTo, double>
    {
        LaunchShape shape = ofTerms.IsDense ? PerRowInFours(outputs, terms) : PerRow(outputs, terms);
        int tile = RowTile<double>.PerLane * shape.Group, wanted = Math.Max(1, 4 * _device.Multiprocessors / outputs);
        int chunkTerms = (int)Math.Min(terms, ((terms - 1) / wanted + (long)tile) / tile * tile);
        int chunks = (terms - 1) / chunkTerms + 1;
        if (chunks == 1)
        {
            SumGroupsKernel<TFrom, TRead, TTo, TWrite>.Arguments whole = new()
            {
                X = x,
                Y = y,
                WalkOutputs = ofOutputs,
                WalkTerms = ofTerms,
                Terms = terms,
                ChunkTerms = terms,
                Chunks = 1,
                Adds = adds,
                IsAligned = isAligned,
            };
            _device.Launch(SumGroupsKernel<TFrom, TRead, TTo, TWrite>.Run, shape, whole);
            return;
        }
        using Temporary<double> parts = Rent<double>((long)outputs * chunks);
        SumGroupsKernel<TFrom, TRead, double, AsIs<double>>.Arguments arguments = new()
        {
            X = x,
            Y = new(parts.Elements),
            WalkOutputs = ofOutputs,
            WalkTerms = ofTerms,
            Terms = terms,
            ChunkTerms = chunkTerms,
            Chunks = chunks,
            IsAligned = isAligned,
        };
        _device.Launch(SumGroupsKernel<TFrom, TRead, double, AsIs<double>>.Run, shape with { GridY = chunks }, arguments);
        StoredView<double, double, AsIs<double>> partial = new(parts.Elements);
        SumByGroups(partial, y, Walk.Along(chunks), Walk.Along(1), outputs, chunks, AreFours<double>(chunks), adds);
    }

    /// <summary>Adds partial sums in order.  parts:[chunks, outputs]</summary>
    private void SumChunks<TTo, TWrite>(ArrayView<double> parts, int chunks, int outputs, in Destination y)
        where TTo : unmanaged
        where TWrite : struct, IStorage<TTo, double>
    {
        StoredView<double, double, AsIs<double>> terms = new(parts);
        int areFours = AreFours<TTo>(outputs, y.View);
        LaunchSum(terms, Stored<double, TTo, TWrite>(y), Walk.Along(1), Walk.Along(outputs), outputs, chunks, chunks, 1, areFours,
            Adds(y));
    }

    /// <summary>One lane for each sum, or for four neighbouring ones, over each chunk of its terms.</summary>
    /// <param name="x">What is added.</param>
    /// <param name="y">The sums, chunk by chunk.</param>
    /// <param name="ofOutputs">From sum to sum.</param>
    /// <param name="ofTerms">From term to term.</param>
    /// <param name="outputs">How many sums.</param>
    /// <param name="terms">How many terms each.</param>
    /// <param name="chunkTerms">How many of them in a chunk.</param>
    /// <param name="chunks">How many chunks.</param>
    /// <param name="areFours">Whether the sums are whole fours, and x and y start at one.</param>
    /// <param name="adds">Whether y is added to.</param>
    private void LaunchSum<TFrom, TRead, TTo, TWrite>(
        StoredView<double, TFrom, TRead> x, StoredView<double, TTo, TWrite> y, Walk ofOutputs, Walk ofTerms, int outputs,
        int terms, int chunkTerms, int chunks, int areFours, int adds)
        where TFrom : unmanaged
        where TRead : struct, IStorage<TFrom, double>
        where TTo : unmanaged
        where TWrite : struct, IStorage<TTo, double>
    {
        bool areNeighbours = ofOutputs.IsDense && ofTerms.Step != 0 && ofTerms.GoesInFours;
        SumLanesKernel<TFrom, TRead, TTo, TWrite>.Arguments arguments = new()
        {
            X = x,
            Y = y,
            WalkOutputs = ofOutputs,
            WalkTerms = ofTerms,
            Outputs = outputs,
            Terms = terms,
            ChunkTerms = chunkTerms,
            Adds = adds,
            InFours = areNeighbours ? areFours : 0,
        };
        LaunchShape shape = PerSum(outputs, arguments.InFours) with { GridY = chunks };
        _device.Launch(SumLanesKernel<TFrom, TRead, TTo, TWrite>.Run, shape, arguments);
    }

    /// <summary>One lane per sum, or per four of them. The groups are as many: smaller ones spread better.</summary>
    private LaunchShape PerSum(int outputs, int inFours) =>
        PerElement(outputs) with { Group = inFours != 0 ? _device.MapGroup / 4 : _device.MapGroup };

    /// <summary>How many terms one lane adds, and how many lanes share a sum, so that few sums of many terms keep the device
    /// busy. The same on every run: it decides the order of additions.</summary>
    private (int Terms, int Chunks) Chunks(int terms, int outputs)
    {
        int groups = (outputs + _device.MapGroup - 1) / _device.MapGroup;
        int wanted = Math.Max(1, 4 * _device.Multiprocessors / groups);
        int each = Math.Max(LeastChunk, (terms + wanted - 1) / wanted);
        return (each, Math.Max(1, (terms + each - 1) / each));
    }
}
