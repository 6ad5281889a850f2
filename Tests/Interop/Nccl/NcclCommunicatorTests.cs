using System.Runtime.CompilerServices;
using AutogradCore.Interop;
using NUnit.Framework;

namespace AutogradCore.Tests.Interop;

[Parallelizable]
public sealed class NcclCommunicatorTests
{
    private static readonly TimeSpan Ample = TimeSpan.FromMinutes(1);

    private FakeNccl _fake = new();
    private FakeNcclDevice _device = null!;
    private Nccl _nccl = null!;

    [SetUp]
    public void Fresh()
    {
        _fake = new();
        _device = new(_fake);
        _device.MakeCurrent();
        _nccl = new(_fake.Library, _device.MakeCurrent);
    }

    [TearDown]
    public void The_rules_were_kept() => Assert.That(_fake.Violations, Is.Empty);

    [Test]
    public void What_is_disposed_before_its_end_is_aborted_once()
    {
        NcclCommunicator communicator = Ready();
        communicator.Dispose();
        communicator.Dispose();
        Assert.That(Ends(), Is.EqualTo(new[] { "ncclCommAbort" }));
        Assert.That(() => communicator.AsyncError, Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void What_is_destroyed_in_order_is_not_aborted_when_disposed()
    {
        using (NcclCommunicator communicator = Ready())
        {
            communicator.Finish(Ample);
            communicator.Destroy();
        }
        Assert.That(Ends(), Is.EqualTo(new[] { "ncclCommFinalize", "ncclCommDestroy" }));
    }

    [Test]
    public void A_forgotten_communicator_leaks_rather_than_call_NCCL_on_the_finalizers_thread()
    {
        Forget();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.That(Ends(), Is.Empty);
        Assert.That(_fake.Alive, Is.EqualTo(1));
    }

    [Test]
    public void An_abort_waits_for_the_call_that_another_thread_is_in()
    {
        using NcclCommunicator communicator = Ready();
        _fake.Hangs = "ncclAllReduce";
        Thread inside = new(() =>
        {
            _device.MakeCurrent();
            try
            {
                communicator.AllReduce(0, 0, 1, NcclDataType.Float32, NcclReduction.Sum, _device.Stream);
            }
            catch (NcclException)
            {
                // The call gives an error when it is let go.
            }
        });
        inside.Start();
        _fake.Hanging.Wait();
        communicator.Abort();
        Assert.That(Ends(), Is.Empty);
        _fake.Released.Set();
        inside.Join();
        Assert.That(Ends(), Is.EqualTo(new[] { "ncclCommAbort" }));
    }

    [Test]
    public void An_exception_inside_a_group_ends_the_group()
    {
        using NcclCommunicator communicator = Ready();
        Assert.That(() =>
        {
            using NcclGroup group = _nccl.Group(communicator);
            communicator.Send(0, 1, NcclDataType.Float32, peer: 9, _device.Stream);
        }, Throws.TypeOf<NcclException>().With.Property("Function").EqualTo("ncclSend"));
        Assert.That(_fake.Calls.Count(c => c == "ncclGroupEnd"), Is.EqualTo(1));
        Echo(communicator, 1000); // and the next one works
    }

    [Test]
    public void A_member_that_is_aborted_inside_a_group_lives_until_the_group_has_ended()
    {
        NcclCommunicator communicator = Ready();
        using (NcclGroup group = _nccl.Group(communicator))
        {
            communicator.Abort();
            Assert.That(_fake.Alive, Is.EqualTo(1));
            group.End();
        }
        Assert.That(_fake.Alive, Is.Zero);
        Assert.That(_fake.Calls.TakeLast(2), Is.EqualTo(new[] { "ncclGroupEnd", "ncclCommAbort" }));
    }

    [Test]
    public void A_message_to_oneself_outside_a_group_is_refused_with_a_hint()
    {
        using NcclCommunicator communicator = Ready();
        Assert.That(() => communicator.Send(0, 1, NcclDataType.Float32, 0, _device.Stream),
            Throws.TypeOf<NcclException>().With.Property("Result").EqualTo(NcclResult.InvalidUsage)
                .And.Message.Contain("ncclSend gave InvalidUsage (5): the fake says no")
                .And.Message.Contain("Hint: ").And.Message.Contain("same group"));
    }

    [Test]
    public void A_child_is_there_when_its_parent_is_ready_and_outlives_it()
    {
        NcclCommunicator parent = Ready();
        using NcclCommunicator child = parent.Split(color: 0, key: 0)!;
        parent.WaitUntilReady(Ample);
        child.WaitUntilReady(Ample);
        parent.Abort();
        Echo(child, 8);
    }

    [Test]
    public void No_colour_gives_no_child()
    {
        using NcclCommunicator parent = Ready();
        Assert.That(parent.Split(color: null, key: 0), Is.Null);
        parent.WaitUntilReady(Ample);
        Assert.That(_fake.Alive, Is.EqualTo(1));
    }

    [Test]
    public void A_scalar_of_another_size_than_its_type_is_refused_before_NCCL_reads_it()
    {
        using NcclCommunicator communicator = Ready();
        Assert.That(() => communicator.CreatePreMulSum(new byte[4], NcclDataType.Float64), Throws.ArgumentException);
        Assert.That(_fake.Calls, Has.None.EqualTo("ncclRedOpCreatePreMulSum"));
    }

    private NcclCommunicator Ready()
    {
        NcclCommunicator communicator = _nccl.Join(_nccl.CreateUniqueId(), ranks: 1, rank: 0, blocking: false);
        communicator.WaitUntilReady(Ample);
        return communicator;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Forget() => _ = Ready();

    private void Echo(NcclCommunicator communicator, int bytes)
    {
        nint from = _device.Allocate(bytes), to = _device.Allocate(bytes);
        byte[] noise = NcclNumbers.Noise(bytes), got = new byte[bytes];
        _device.Upload(noise, from);
        using (NcclGroup group = _nccl.Group(communicator))
        {
            communicator.Send(from, bytes, NcclDataType.UInt8, 0, _device.Stream);
            communicator.Receive(to, bytes, NcclDataType.UInt8, 0, _device.Stream);
            group.End();
        }
        communicator.WaitUntilReady(Ample);
        _device.Synchronize();
        _device.Download(to, got);
        Assert.That(got, Is.EqualTo(noise));
    }

    private string[] Ends() =>
        [.. _fake.Calls.Where(c => c is "ncclCommFinalize" or "ncclCommDestroy" or "ncclCommAbort")];
}
