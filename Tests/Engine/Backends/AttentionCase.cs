namespace AutogradCore.Tests.Backends;

/// <summary>Attention computed from its definition: a full score matrix in double, one (batch, head) at a time.</summary>
internal sealed record AttentionCase(Shape Queries, Shape Keys, double[] Q, double[] K, double[] V, AttentionOptions Options)
{
    private readonly int _b = Queries[0], _t = Queries[1], _h = Queries[2], _d = Queries[3], _s = Keys[1], _g = Keys[2];

    /// <summary>What p and ds are rounded to before they are multiplied, in unit roundoffs of the element type; 0 where they are
    /// not.</summary>
    public double WeightRounding { get; init; }

    public Shape Sums => [_b, _h, _t];

    public Expected[] Y
    {
        get
        {
            Expected[] y = new Expected[Queries.ElementCount];
            ForEachRow((b, h, i) =>
            {
                double[] scores = Scores(b, h, i), p = Weights(scores, LogSum(scores));
                double slack = 2 * _s + 16 + WeightRounding + 4 * ScoreSlack(b, h, i);
                for (int d = 0; d < _d; d++)
                {
                    double mix = 0, size = 0;
                    for (int j = 0; j < _s; j++)
                        if (p[j] > 0)
                            (mix, size) = (mix + p[j] * V[KeyAt(b, j, h, d)], size + p[j] * Math.Abs(V[KeyAt(b, j, h, d)]));
                    y[QueryAt(b, i, h, d)] = new(mix, size * slack);
                }
            });
            return y;
        }
    }

    public Expected[] LogSums
    {
        get
        {
            Expected[] lse = new Expected[Sums.ElementCount];
            ForEachRow((b, h, i) => lse[(b * _h + h) * _t + i] =
                new(LogSum(Scores(b, h, i)), 2 * _s + 16 + 4 * ScoreSlack(b, h, i)));
            return lse;
        }
    }

    /// <summary>Gradients from given y and lse, as the verb gets them.</summary>
    public (Expected[] Dq, Expected[] Dk, Expected[] Dv) Gradients(double[] y, double[] lse, double[] dy)
    {
        double[] dq = new double[Q.Length], dk = new double[K.Length], dv = new double[V.Length];
        double[] sizeQ = new double[Q.Length], sizeK = new double[K.Length], sizeV = new double[V.Length];
        double scale = Options.ScaleFor(_d);
        ForEachRow((b, h, i) =>
        {
            double[] p = Weights(Scores(b, h, i), lse[(b * _h + h) * _t + i]);
            double slack = 2 * (_s + _t * _h + _d) + 32 + 8 * ScoreSlack(b, h, i);
            for (int j = 0; j < _s; j++)
            {
                if (p[j] == 0) continue;
                double dot = 0, size = 0;
                for (int d = 0; d < _d; d++)
                {
                    double g = dy[QueryAt(b, i, h, d)], v = V[KeyAt(b, j, h, d)], mixed = y[QueryAt(b, i, h, d)];
                    (dot, size) = (dot + g * (v - mixed), size + Math.Abs(g) * (Math.Abs(v) + Math.Abs(mixed)));
                }
                for (int d = 0; d < _d; d++)
                {
                    (int q, int k) = (QueryAt(b, i, h, d), KeyAt(b, j, h, d));
                    dq[q] += scale * p[j] * dot * K[k];
                    dk[k] += scale * p[j] * dot * Q[q];
                    dv[k] += p[j] * dy[q];
                    sizeQ[q] += (slack * size + WeightRounding * Math.Abs(dot)) * scale * p[j] * Math.Abs(K[k]);
                    sizeK[k] += (slack * size + WeightRounding * Math.Abs(dot)) * scale * p[j] * Math.Abs(Q[q]);
                    sizeV[k] += (slack + WeightRounding) * p[j] * Math.Abs(dy[q]);
                }
            }
        });
        return (Join(dq, sizeQ), Join(dk, sizeK), Join(dv, sizeV));
    }

    public override string ToString() => $"q {Queries}, k {Keys}";

    private static Expected[] Join(double[] values, double[] slacks) => [.. values.Zip(slacks, (v, s) => new Expected(v, s))];

    private static double LogSum(double[] scores) => Math.Log(scores.Sum(Math.Exp));

    private static double[] Weights(double[] scores, double logSum) =>
        [.. scores.Select(s => double.IsNegativeInfinity(s) ? 0 : Math.Exp(s - logSum))];

    /// <summary>Scores of all S keys, -∞ where key j lies in the future of query i: j > i + S - T.</summary>
    private double[] Scores(int b, int h, int i) => [.. Enumerable.Range(0, _s).Select(j =>
        Options.Causal && j > i + _s - _t ? double.NegativeInfinity
        : Options.ScaleFor(_d) * Enumerable.Range(0, _d).Sum(d => Q[QueryAt(b, i, h, d)] * K[KeyAt(b, j, h, d)]))];

    /// <summary>Roundoffs in the worst score of a query, which an exponential passes on as relative error.</summary>
    private double ScoreSlack(int b, int h, int i) => Enumerable.Range(0, _s).Select(j => (_d + 4) * Options.ScaleFor(_d)
        * Enumerable.Range(0, _d).Sum(d => Math.Abs(Q[QueryAt(b, i, h, d)] * K[KeyAt(b, j, h, d)]))).DefaultIfEmpty().Max();

    private int QueryAt(int b, int i, int h, int d) => d + _d * (h + _h * (i + _t * b));

    private int KeyAt(int b, int j, int h, int d) => d + _d * (h / (_h / _g) + _g * (j + _s * b));

    private void ForEachRow(Action<int, int, int> visit)
    {
        for (int b = 0; b < _b; b++)
            for (int h = 0; h < _h; h++)
                for (int i = 0; i < _t; i++)
                    visit(b, h, i);
    }
}
