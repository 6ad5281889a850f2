namespace AutogradCore;

/// <summary>What the verbs of <see cref="IBackend"/> require of shapes, so that none reads or writes outside its views. Every
/// backend asks first; ops have checked the same with better words.</summary>
public static class VerbShapes
{
    /// <summary>Requires a dense view.</summary>
    public static void Fill(in View y) => Dense(nameof(Fill), nameof(y), y);

    /// <summary>Requires one shape.</summary>
    public static void Copy(in View x, in Destination y) => Same(nameof(Copy), nameof(x), x, y.View);

    /// <summary>Requires one shape.</summary>
    public static void Cast(in View x, in Destination y) => Same(nameof(Cast), nameof(x), x, y.View);

    /// <summary>Requires equally many elements, dense.</summary>
    public static void Map(in View x, in Destination y) => Elements(nameof(Map), x, y.View);

    /// <summary>Requires equally many elements, dense.</summary>
    public static void Affine(in View x, in Destination y) => Elements(nameof(Affine), x, y.View);

    /// <summary>Requires equally many elements, dense.</summary>
    public static void Dropout(in View x, in Destination y) => Elements(nameof(Dropout), x, y.View);

    /// <summary>Requires operands that broadcast to the result.</summary>
    public static void Zip(in View a, in View b, in Destination y)
    {
        Fits(nameof(Zip), nameof(a), a, y.View.Shape);
        Fits(nameof(Zip), nameof(b), b, y.View.Shape);
    }

    /// <summary>Requires operands that broadcast to the result.</summary>
    public static void Where(in View mask, in View a, in View b, in Destination y)
    {
        Fits(nameof(Where), nameof(mask), mask, y.View.Shape);
        Fits(nameof(Where), nameof(a), a, y.View.Shape);
        Fits(nameof(Where), nameof(b), b, y.View.Shape);
    }

    /// <summary>Requires a result that broadcasts to the operand.</summary>
    public static void Sum(in View x, in Destination y) => Fits(nameof(Sum), nameof(y), y.View, x.Shape);

    /// <summary>Requires a result for each place beside the axis.</summary>
    public static void Max(in View x, int axis, in View y, in View index)
    {
        int results = Beside(nameof(Max), x, axis);
        Count(nameof(Max), nameof(y), y, results);
        Count(nameof(Max), nameof(index), index, results);
    }

    /// <summary>Requires a gradient for each place beside the axis.</summary>
    public static void MaxGradient(in View dy, in View index, int axis, in Destination dx)
    {
        int results = Beside(nameof(MaxGradient), dx.View, axis);
        Count(nameof(MaxGradient), nameof(dy), dy, results);
        Count(nameof(MaxGradient), nameof(index), index, results);
    }

    /// <summary>Requires a dense C, factors that give it, and a bias and a residual that fit it.</summary>
    public static void Gemm(in View a, in View b, in Destination c, in View bias, in View residual)
    {
        Product(nameof(Gemm), a, b, c.View, bias);
        if (residual.Exists) Count(nameof(Gemm), nameof(residual), residual, c.View.Shape.ElementCount);
    }

    /// <summary>As <see cref="Gemm"/>, with a second result.</summary>
    public static void GemmMap(in View a, in View b, in View bias, in View c, in View y)
    {
        Product(nameof(GemmMap), a, b, c, bias);
        Count(nameof(GemmMap), nameof(y), y, c.Shape.ElementCount);
    }

    /// <summary>As <see cref="Gemm"/>, for every term.</summary>
    public static void GemmSum(ReadOnlySpan<GemmTerm> terms, in Destination c, in Destination rowSums)
    {
        foreach (GemmTerm term in terms) Product(nameof(GemmSum), term.A, term.B, c.View, default);
        if (rowSums.Exists) Count(nameof(GemmSum), nameof(rowSums), rowSums.View, c.View.Shape[^2]);
    }

    /// <summary>Requires equally many elements in equal rows, dense.</summary>
    public static void Softmax(in View x, in Destination y) => Rows(nameof(Softmax), x, y.View);

    /// <summary>Requires equally many elements in equal rows, dense.</summary>
    public static void SoftmaxGradient(in View y, in View dy, in Destination dx) => Rows(nameof(SoftmaxGradient), y, dy, dx.View);

    /// <summary>Requires equally many elements in equal rows, dense.</summary>
    public static void LogSoftmax(in View x, in Destination y) => Rows(nameof(LogSoftmax), x, y.View);

    /// <summary>Requires equally many elements in equal rows, dense.</summary>
    public static void LogSoftmaxGradient(in View y, in View dy, in Destination dx) =>
        Rows(nameof(LogSoftmaxGradient), y, dy, dx.View);

    /// <summary>Requires a target and a log-sum for each row of logits, and one loss.</summary>
    public static void CrossEntropy(in View logits, in View targets, in View loss, in View lse)
    {
        Rank(nameof(CrossEntropy), nameof(logits), logits, 2);
        Count(nameof(CrossEntropy), nameof(targets), targets, logits.Shape[0]);
        Count(nameof(CrossEntropy), nameof(lse), lse, logits.Shape[0]);
        Count(nameof(CrossEntropy), nameof(loss), loss, 1);
    }

    /// <summary>As <see cref="CrossEntropy"/>, with gradients of the logits' shape.</summary>
    public static void CrossEntropyGradient(in View logits, in View targets, in View lse, in View dloss, in Destination dlogits)
    {
        CrossEntropy(logits, targets, dloss, lse);
        Rows(nameof(CrossEntropyGradient), logits, dlogits.View);
    }

    /// <summary>Requires a gain and a shift for each feature, and statistics for each row.</summary>
    public static void LayerNorm(in View x, in View gamma, in View beta, in Destination y, in View mean, in View rstd) =>
        Norm(nameof(LayerNorm), x, y.View, gamma, beta, mean, rstd);

    /// <summary>As <see cref="LayerNorm"/>.</summary>
    public static void LayerNormInputGradient(
        in View x, in View gamma, in View mean, in View rstd, in View dy, in Destination dx)
    {
        Rows(nameof(LayerNormInputGradient), x, dy);
        Norm(nameof(LayerNormInputGradient), x, dx.View, gamma, default, mean, rstd);
    }

    /// <summary>As <see cref="LayerNorm"/>.</summary>
    public static void LayerNormWeightGradient(
        in View x, in View mean, in View rstd, in View dy, in Destination dgamma, in Destination dbeta) =>
        Norm(nameof(LayerNormWeightGradient), x, dy, dgamma.View, dbeta.View, mean, rstd);

    /// <summary>Requires a gain for each feature, and a statistic for each row.</summary>
    public static void RmsNorm(in View x, in View gamma, in Destination y, in View rms) =>
        Norm(nameof(RmsNorm), x, y.View, gamma, default, rms, default);

    /// <summary>As <see cref="RmsNorm"/>.</summary>
    public static void RmsNormInputGradient(in View x, in View gamma, in View rms, in View dy, in Destination dx)
    {
        Rows(nameof(RmsNormInputGradient), x, dy);
        Norm(nameof(RmsNormInputGradient), x, dx.View, gamma, default, rms, default);
    }

    /// <summary>As <see cref="RmsNorm"/>.</summary>
    public static void RmsNormWeightGradient(in View x, in View rms, in View dy, in Destination dgamma) =>
        Norm(nameof(RmsNormWeightGradient), x, dy, dgamma.View, default, rms, default);

    /// <summary>Requires a row of the result for each id.</summary>
    public static void Gather(in View table, in View ids, in Destination y) =>
        Table(nameof(Gather), table, ids, nameof(y), y.View);

    /// <summary>Requires a row of the gradient for each id.</summary>
    public static void ScatterAdd(in View dy, in View ids, in Destination dtable) =>
        Table(nameof(ScatterAdd), dtable.View, ids, nameof(dy), dy);

    /// <summary>Requires heads that group, one batch and head size, and a log-sum for each query.</summary>
    public static void Attention(in View q, in View k, in View v, in View y, in View lse) =>
        Heads(nameof(Attention), q, k, v, y, lse);

    /// <summary>As <see cref="Attention"/>, with gradients of the operands' shapes where they are wanted.</summary>
    public static void AttentionGradient(in View q, in View k, in View v, in View y, in View lse, in View dy,
        in Destination dq, in Destination dk, in Destination dv)
    {
        const string verb = nameof(AttentionGradient);
        Heads(verb, q, k, v, y, lse);
        Count(verb, nameof(dy), dy, y.Shape.ElementCount);
        if (dq.Exists) Count(verb, nameof(dq), dq.View, q.Shape.ElementCount);
        if (dk.Exists) Count(verb, nameof(dk), dk.View, k.Shape.ElementCount);
        if (dv.Exists) Count(verb, nameof(dv), dv.View, v.Shape.ElementCount);
    }

    /// <summary>Requires one shape of four axes, the last even.</summary>
    public static void Rotary(in View x, in Destination y)
    {
        Rank(nameof(Rotary), nameof(x), x, 4);
        Elements(nameof(Rotary), x, y.View);
        if (x.Shape[3] % 2 != 0) throw new ShapeMismatchException($"Rotary: the last axis of {x} must be even.");
    }

    /// <summary>Requires equally many elements, dense.</summary>
    public static void Sgd(in View w, in View gradient, in View velocity)
    {
        Elements(nameof(Sgd), w, gradient);
        if (velocity.Exists) Elements(nameof(Sgd), w, velocity);
    }

    /// <summary>Requires equally many elements, dense.</summary>
    public static void Adam(in View w, in View gradient, in View moment1, in View moment2)
    {
        Elements(nameof(Adam), w, gradient);
        Elements(nameof(Adam), w, moment1);
        Elements(nameof(Adam), w, moment2);
    }

    private static void Product(string verb, in View a, in View b, in View c, in View bias)
    {
        Dense(verb, nameof(c), c);
        if (c.Shape.Rank < 2 || a.Shape.Rank < 2 || b.Shape.Rank < 2)
            throw new ShapeMismatchException($"{verb}: {a} times {b} into {c}, but each needs at least two axes.");
        if (a.Shape[^2] != c.Shape[^2] || b.Shape[^1] != c.Shape[^1] || a.Shape[^1] != b.Shape[^2])
            throw new ShapeMismatchException($"{verb}: {a} times {b} does not give {c}.");
        if (bias.Exists) Count(verb, nameof(bias), bias, c.Shape[^1]);
    }

    private static void Norm(
        string verb, in View x, in View y, in View gamma, in View beta, in View first, in View second)
    {
        Rows(verb, x, y);
        if (gamma.Exists) Count(verb, nameof(gamma), gamma, x.Shape.Last);
        if (beta.Exists) Count(verb, nameof(beta), beta, x.Shape.Last);
        Count(verb, "the first statistic", first, x.Shape.Rows);
        if (second.Exists) Count(verb, "the second statistic", second, x.Shape.Rows);
    }

    private static void Table(string verb, in View table, in View ids, string name, in View rows)
    {
        Rank(verb, nameof(table), table, 2);
        Dense(verb, nameof(table), table);
        Dense(verb, nameof(ids), ids);
        Count(verb, name, rows, (long)ids.Shape.ElementCount * table.Shape[1]);
    }

    private static void Heads(string verb, in View q, in View k, in View v, in View y, in View lse)
    {
        Rank(verb, nameof(q), q, 4);
        Rank(verb, nameof(k), k, 4);
        Same(verb, nameof(v), v, k);
        if (q.Shape[0] != k.Shape[0] || q.Shape[3] != k.Shape[3]
            || (k.Shape[2] == 0 ? q.Shape[2] != 0 : q.Shape[2] % k.Shape[2] != 0))
            throw new ShapeMismatchException($"{verb}: queries {q} do not fit keys {k}.");
        foreach (ref readonly View view in (ReadOnlySpan<View>)[q, k, v]) Dense(verb, "an operand", view);
        Count(verb, nameof(y), y, q.Shape.ElementCount);
        Count(verb, nameof(lse), lse, (long)q.Shape[0] * q.Shape[1] * q.Shape[2]);
    }

    private static void Same(string verb, string name, in View x, in View y)
    {
        if (x.Shape != y.Shape) throw new ShapeMismatchException($"{verb}: {name} is {x}, but must have the shape of {y}.");
    }

    private static void Elements(string verb, in View x, in View y)
    {
        Dense(verb, "an operand", x);
        Count(verb, "another", y, x.Shape.ElementCount);
    }

    private static void Rows(string verb, in View x, in View y)
    {
        Elements(verb, x, y);
        if (x.Shape.Last != y.Shape.Last) throw new ShapeMismatchException($"{verb}: {x} and {y} differ in their last axis.");
    }

    private static void Rows(string verb, in View x, in View y, in View z)
    {
        Rows(verb, x, y);
        Rows(verb, x, z);
    }

    private static void Count(string verb, string name, in View view, long count)
    {
        Dense(verb, name, view);
        if (view.Shape.ElementCount != count)
            throw new ShapeMismatchException($"{verb}: {name} is {view}, but must have {count} elements.");
    }

    private static void Dense(string verb, string name, in View view)
    {
        if (!view.IsDense)
            throw new ShapeMismatchException($"{verb}: {name} is a strided view of {view.Shape}.", "copy it first");
    }

    private static void Fits(string verb, string name, in View view, in Shape shape)
    {
        if (view.Exists && (view.Shape.Rank > shape.Rank || Shape.Broadcast(view.Shape, shape) != shape))
            throw new ShapeMismatchException($"{verb}: {name} is {view}, which does not broadcast to {shape}.");
    }

    private static void Rank(string verb, string name, in View view, int rank)
    {
        if (view.Shape.Rank != rank)
            throw new ShapeMismatchException($"{verb}: {name} is {view}, but must have {rank} axes.");
    }

    private static int Beside(string verb, in View x, int axis)
    {
        Dense(verb, nameof(x), x);
        if ((uint)axis >= (uint)x.Shape.Rank) throw new ShapeMismatchException($"{verb}: {x} has no axis {axis}.");
        return x.Shape.With(axis, 1).ElementCount;
    }
}
