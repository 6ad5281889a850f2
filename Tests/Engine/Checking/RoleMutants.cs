using static AutogradCore.Destination;

namespace AutogradCore.Tests.Engine.Checking;

/// <summary>The joint rule is right; with one operand wanted, dy is passed on as it is.</summary>
internal sealed class WrongAlone : Product
{
    public override void Gradient(in GradientContext c)
    {
        bool a = c.Wants(0, out Destination da), b = c.Wants(1, out Destination db);
        if (a && b)
        {
            Rule(c, c[1], da);
            Rule(c, c[0], db);
            return;
        }
        c.Backend.Copy(c.Dy, a ? da : db);
    }
}

/// <summary>The rule over several microbatches writes zeros.</summary>
internal sealed class ZeroSum : Product
{
    public override void GradientSum(in GradientBatch microbatches)
    {
        for (int operand = 0; operand < 2; operand++)
            if (microbatches.Wants(operand, out Destination sum)) microbatches.Backend.Fill(sum.View, 0);
    }
}

/// <summary>The rule over several microbatches forgets all but the last.</summary>
internal sealed class LastOfSum : Product
{
    public override void GradientSum(in GradientBatch microbatches)
    {
        for (int operand = 0; operand < 2; operand++)
            if (microbatches.Wants(operand, out Destination sum))
                Rule(microbatches[microbatches.Count - 1], microbatches[microbatches.Count - 1][1 - operand], sum);
    }
}

/// <summary>The rule over several microbatches overwrites what was accumulated before.</summary>
internal sealed class OverwritingSum : Product
{
    public override void GradientSum(in GradientBatch microbatches)
    {
        for (int operand = 0; operand < 2; operand++)
        {
            if (!microbatches.Wants(operand, out Destination sum)) continue;
            for (int i = 0; i < microbatches.Count; i++)
                Rule(microbatches[i], microbatches[i][1 - operand], i == 0 ? Into(sum.View) : AddTo(sum.View));
        }
    }
}

/// <summary>The rule crashes, though not with an error of the library.</summary>
internal sealed class CrashingRule(bool always) : Product
{
    public override void Gradient(in GradientContext c)
    {
        bool a = c.Wants(0, out Destination da), b = c.Wants(1, out Destination db);
        if (always || !a || !b) throw new InvalidOperationException("the rule fell over");
        Rule(c, c[1], da);
        Rule(c, c[0], db);
    }
}
