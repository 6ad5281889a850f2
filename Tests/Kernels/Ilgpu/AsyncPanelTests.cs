extern alias simt;

using NUnit.Framework;
using simt::AutogradCore.Kernels.Ilgpu;
using simt::AutogradCore.Kernels.Simt;

namespace AutogradCore.Tests.Kernels.Ilgpu;

/// <summary>Where panels that are copied ahead lie in shared memory: what a device reads or writes at once is in different
/// banks.</summary>
public sealed class AsyncPanelTests
{
    private static readonly object[] Forms =
    [
        new object[] { new Places<ushort, BFloat16Format, AlongDepth>(), true },
        new object[] { new Places<ushort, BFloat16Format, AlongOuter>(), true },
        new object[] { new Places<float, TensorFloat32Format, AlongDepth>(), true },
        new object[] { new Places<float, TensorFloat32Format, AlongOuter>(), false },
    ];

    [Test]
    public void Eight_lanes_that_copy_at_once_write_to_different_banks_and_all_lanes_fill_the_panel(
        [ValueSource(nameof(Forms))] object form, [Values(128, 256)] int width)
    {
        int[] targets = ((IPlaces)((object[])form)[0]).Targets(width);
        foreach (int[] eight in targets.Chunk(8)) Assert.That(eight.Select(t => t % 8), Is.Unique);
        IEnumerable<int> all = Enumerable.Range(0, width / 64).SelectMany(pass => targets.Select(t => t + 256 * pass));
        Assert.That(all, Is.EquivalentTo(Enumerable.Range(0, 4 * width)));
    }

    [Test]
    public void What_a_warp_reads_at_once_is_in_different_banks(
        [ValueSource(nameof(Forms))] object form, [Values(128, 256)] int width, [Values] bool isLeft,
        [Values(0, 32, 64, 96)] int outer)
    {
        (IPlaces places, bool byMatrix) = ((IPlaces)((object[])form)[0], (bool)((object[])form)[1]);
        foreach (int[] words in places.Sources(width, outer, isLeft))
        {
            if (byMatrix)
                foreach (int[] eight in words.Chunk(8)) Assert.That(eight.Select(w => w / 4 % 8), Is.Unique, "rows of 16 bytes");
            else
                foreach (Func<int, int> part in new Func<int, int>[] { w => w, w => w ^ 8, w => w + 4 * width })
                    Assert.That(words.Select(w => part(w) % 32), Is.Unique, "single words");
            Assert.That(words, Is.All.InRange(0, 16 * width - 1));
        }
    }

    private interface IPlaces
    {
        /// <summary>Where each lane's first 16 bytes go.</summary>
        int[] Targets(int width);

        /// <summary>Where each lane of a warp reads, for each fragment.</summary>
        IEnumerable<int[]> Sources(int width, int outer, bool isLeft);
    }

    /// <summary>Asks the lanes of an emulated group.</summary>
    private sealed class Places<TFactor, TFormat, TForm> : IPlaces
        where TFactor : unmanaged
        where TFormat : struct, IAsyncFormat<TFactor>
        where TForm : struct, IMmaForm
    {
        public int[] Targets(int width) => Ask(Target, new() { Width = width }, 256);

        public IEnumerable<int[]> Sources(int width, int outer, bool isLeft)
        {
            for (int sixteen = 0; sixteen < (outer % 64 == 0 ? 4 : 2); sixteen++)
                for (int half = 0; half < 2; half++)
                    yield return Ask(Source,
                        new() { Width = width, Outer = outer, IsLeft = isLeft ? 1 : 0, Sixteen = sixteen, Half = half }, 32);
        }

        public override string ToString() => $"{typeof(TFormat).Name} {typeof(TForm).Name}";

        private static void Target(Arguments a) => a.Answers[Group.IdxX] = AsyncPanel<TFactor, TFormat, TForm>.Target(a.Width);

        private static void Source(Arguments a)
        {
            int source = AsyncPanel<TFactor, TFormat, TForm>.Source(a.Outer, a.Width, a.IsLeft != 0);
            (int lane, int further) =
                AsyncPanel<TFactor, TFormat, TForm>.FragmentSource(source, a.Sixteen, a.Half, a.Width);
            a.Answers[Group.IdxX] = lane + further;
        }

        private static unsafe int[] Ask(Action<Arguments> kernel, Arguments arguments, int lanes)
        {
            using SimtMachine machine = new(new SimtOptions { WarpSize = 32 });
            nint pointer = machine.Allocate(lanes * sizeof(int));
            arguments.Answers = machine.View<int>(pointer, 0, lanes);
            machine.Launch(kernel, new LaunchShape(1, lanes), arguments);
            int[] answers = new Span<int>((void*)pointer, lanes).ToArray();
            machine.Free(pointer);
            return answers;
        }
    }

    private struct Arguments
    {
        public ArrayView<int> Answers;
        public int Width, Outer, IsLeft, Sixteen, Half;
    }
}
