using AutogradCore.Interop;
using NUnit.Framework;

namespace AutogradCore.Tests.Interop;

[Parallelizable]
public sealed class NcclSelfTestTests
{
    /// <summary>Long enough for what works on a loaded machine, short enough to be waited for where something never
    /// ends.</summary>
    private static readonly NcclSelfTestOptions Impatient = new()
    {
        Deadline = TimeSpan.FromSeconds(1),
        Grace = TimeSpan.FromSeconds(0.4),
    };

    private FakeNccl _nccl = new();

    [SetUp]
    public void Fresh() => _nccl = new();

    [Test]
    public void A_library_that_works_passes_every_check_and_keeps_nothing()
    {
        FakeNcclDevice device = new(_nccl);
        NcclReport report = NcclSelfTest.Run(_nccl.Library, device);
        Assert.That(report.Checks.Where(c => !c.Passed), Is.Empty);
        Assert.That(report.Checks, Has.Count.EqualTo(38));
        Assert.That(report.Checks.Select(c => c.Name), Is.Unique);
        Assert.That(_nccl.Violations, Is.Empty);
        Assert.That((_nccl.Alive, device.Lent, report.Stuck), Is.EqualTo((0, 0, (string?)null)));
    }

    [Test]
    public void Every_function_of_the_binding_is_called()
    {
        _ = NcclSelfTest.Run(_nccl.Library, new FakeNcclDevice(_nccl));
        Assert.That(FakeNccl.Names.Except(_nccl.Calls),
            Is.EquivalentTo(new[] { "ncclGetVersion", "ncclGetErrorString", "ncclGetLastError" })); // these are not noted
    }

    [Test]
    public void What_an_older_library_has_not_is_skipped_with_the_version_that_has_it()
    {
        _nccl.Version = 21805;
        foreach (string name in new[] { "ncclAlltoAll", "ncclCommRegister", "ncclCommDeregister", "ncclMemAlloc", "ncclMemFree" })
            _nccl.Missing.Add(name);
        NcclReport report = Run();
        Assert.That(report.Passed);
        Assert.That(report.Checks.Where(c => c.Skipped is not null).Select(c => (c.Name, c.Skipped!.Split("; ")[^1])),
            Is.EquivalentTo(new[]
            {
                ("send to itself, float8e4m3", "2.24 has"), ("send to itself, float8e5m2", "2.24 has"),
                ("all-to-all", "2.28 has"), ("registered memory", "2.19 can"), ("memory of NCCL's", "2.19 can"),
            }));
    }

    [TestCase("ncclSend", "send to itself")]
    [TestCase("ncclAllReduce", "all-reduce")]
    [TestCase("ncclReduceScatter", "reduce-scatter")]
    [TestCase("ncclBroadcast", "broadcast", "memory of NCCL's")]
    [TestCase("ncclAllGather", "all-gather")]
    [TestCase("ncclAlltoAll", "all-to-all")]
    public void Wrong_numbers_fail_the_checks_that_see_them_and_no_other(string function, params string[] checks)
    {
        _nccl.Corrupts = (function, 5);
        NcclReport report = Run();
        string[] failed = [.. report.Checks.Where(c => c.Failed).Select(c => c.Name)];
        string[] also = function == "ncclSend" ? ["split", "registered memory", "abort"]
            : function == "ncclAllReduce" ? ["blocking communicator", "refused argument"] : [];
        Assert.That(failed, Is.EquivalentTo(report.Checks.Select(c => c.Name)
            .Where(name => checks.Concat(also).Any(c => name == c || name.StartsWith($"{c},", StringComparison.Ordinal)))));
        Assert.That(report.Checks.Where(c => c.Failed).Select(c => c.Detail), Is.All.Contains("element"));
        Assert.That(report.Passed, Is.False);
    }

    [Test]
    public void Bytes_written_behind_a_message_fail_its_check()
    {
        _nccl.Corrupts = ("ncclAllGather", (1003 * 8) + 2);
        NcclCheck check = Find(Run(), "all-gather");
        Assert.That(check.Failed);
        Assert.That(check.Detail, Does.Contain("behind the"));
    }

    [Test]
    public void A_library_that_joins_nothing_fails_to_join_and_the_rest_is_skipped_with_the_reason()
    {
        _nccl.Errors["ncclCommInitRankConfig"] = NcclResult.SystemError;
        NcclReport report = Run();
        NcclCheck join = Find(report, "non-blocking communicator");
        Assert.That(join.Detail, Does.Contain("ncclCommInitRankConfig gave SystemError (2)").And.Contain("the fake says no")
            .And.Contain("Hint: "));
        Assert.That(Find(report, "blocking communicator").Passed);
        Assert.That(Find(report, "split").Skipped, Is.EqualTo("there is no non-blocking communicator"));
        Assert.That(_nccl.Violations, Is.Empty);
    }

    [Test]
    public void An_error_in_the_background_loses_the_communicator_and_not_the_checks_that_have_their_own()
    {
        _nccl.AsyncErrors["ncclAllGather"] = NcclResult.RemoteError;
        NcclReport report = Run();
        Assert.That(Find(report, "broadcast").Passed);
        Assert.That(Find(report, "all-gather").Detail, Does.Contain("RemoteError (6)").And.Contain("a peer is gone"));
        Assert.That(Find(report, "all-reduce, sum").Skipped, Is.EqualTo("the communicator was lost in 'all-gather'"));
        Assert.That(Find(report, "abort").Passed);
        Assert.That((_nccl.Alive, _nccl.Violations.Count), Is.EqualTo((0, 0)));
    }

    [Test]
    public void A_call_that_is_refused_costs_one_check()
    {
        _nccl.Errors["ncclRedOpCreatePreMulSum"] = NcclResult.InvalidArgument;
        NcclReport report = Run();
        Assert.That(report.Checks.Where(c => c.Failed).Select(c => c.Name), Is.EqualTo(new[] { "all-reduce, multiplied sum" }));
        Assert.That(report.Checks.Where(c => c.Skipped is not null), Is.Empty);
    }

    [Test]
    public void Joining_that_never_ends_is_aborted_at_the_deadline()
    {
        _nccl.AsyncErrors["ncclCommInitRankConfig"] = NcclResult.InProgress;
        NcclReport report = Run(Impatient);
        Assert.That(Find(report, "non-blocking communicator").Detail, Does.Contain("still in progress"));
        Assert.That(Find(report, "abort while joining").Passed);
        Assert.That((report.Stuck, _nccl.Alive), Is.EqualTo(((string?)null, 0)));
    }

    [Test]
    public void A_device_that_waits_for_ever_is_freed_by_an_abort_from_outside()
    {
        NcclReport report = NcclSelfTest.Run(_nccl.Library, new FakeNcclDevice(_nccl) { Spins = true },
            Impatient with { Grace = TimeSpan.FromMinutes(1) });
        NcclCheck first = Find(report, "blocking communicator");
        Assert.That(first.Failed);
        Assert.That(first.Detail, Does.StartWith("did not end within 1 s; its communicators were aborted"));
        Assert.That((report.Stuck, _nccl.Alive), Is.EqualTo(((string?)null, 0)));
    }

    [TestCase("ncclCommInitRank", "blocking communicator")]
    [TestCase("ncclGroupEnd", "send to itself, int8")]
    [TestCase("ncclCommAbort", "abort")]
    public void A_call_that_never_returns_ends_the_run_and_nothing_is_touched_any_more(string function, string check)
    {
        _nccl.Hangs = function;
        FakeNcclDevice device = new(_nccl);
        NcclReport report = NcclSelfTest.Run(_nccl.Library, device, Impatient);
        _nccl.Released.Set();
        Assert.That(report.Stuck, Is.EqualTo(check));
        Assert.That(Find(report, check).Detail, Does.Contain("nor when its communicators were aborted"));
        NcclCheck[] after = [.. report.Checks.SkipWhile(c => c.Name != check).Skip(1)];
        Assert.That(after, Is.Not.Empty);
        Assert.That(after.Select(c => c.Skipped), Is.All.EqualTo($"'{check}' has not ended"));
        Assert.That(device.Lent, Is.EqualTo(2));
    }

    [Test]
    public void A_device_without_memory_is_told_once_and_the_reason_stands_behind_all_that_need_it()
    {
        NcclReport report = NcclSelfTest.Run(_nccl.Library, new FakeNcclDevice(_nccl) { Most = 1000 });
        Assert.That(report.Checks.Where(c => c.Failed).Select(c => c.Name), Is.EqualTo(new[] { "device memory" }));
        Assert.That(Find(report, "broadcast").Skipped, Is.EqualTo("there is no device memory yet"));
    }

    [Test]
    public void The_fake_notices_a_context_that_is_not_made_current_again()
    {
        FakeNcclDevice device = new(_nccl);
        device.MakeCurrent();
        Nccl careless = new(_nccl.Library, () => { });
        _ = careless.CreateUniqueId();
        _ = careless.CreateUniqueId();
        Assert.That(_nccl.Violations, Is.EqualTo(new[] { "ncclGetUniqueId: the context is not current" }));
    }

    private NcclReport Run(NcclSelfTestOptions? options = null) =>
        NcclSelfTest.Run(_nccl.Library, new FakeNcclDevice(_nccl), options);

    private static NcclCheck Find(NcclReport report, string name) => report.Checks.Single(c => c.Name == name);
}
