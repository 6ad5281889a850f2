namespace AutogradCore;

/// <content>
/// Fusion of F: a product computes the elementwise op or the residual sum that reads it, while its result is still in a cache.
/// </content>
public sealed partial class Graph
{
    /// <summary>Finds for every product the one op that it computes along. Runs when all uses are counted.</summary>
    private void PlanFusion()
    {
        foreach (Node node in _order) node.Follower = null;
        foreach (Node node in _order)
        {
            node.FollowedOperand = -1;
            if (node.Op is not IFollowsProduct op) continue;
            for (int i = 0; i < node.Operands.Count && node.FollowedOperand < 0; i++)
            {
                Node product = node.OperandSpan[i].Node;
                if (product is not { Op: IProduct, Follower: null }) continue;
                if (!op.CanFollow(node, i) || !ArePresent(node, i, product)) continue;
                if (!op.StoresProduct && product.Slots[0].Storage.Uses > 1) continue;
                product.Follower = node;
                node.FollowedOperand = i;
            }
        }
    }

    /// <summary>The other operands exist before the product runs.</summary>
    private static bool ArePresent(Node node, int index, Node product)
    {
        ReadOnlySpan<Value> operands = node.OperandSpan;
        for (int i = 0; i < operands.Length; i++)
            if (i != index && operands[i].Node.Index >= product.Index) return false;
        return true;
    }

    /// <summary>Computes a product and its follower, whose turn then finds its work done.</summary>
    private void ComputeFused(Node product, Node follower)
    {
        IFollowsProduct op = (IFollowsProduct)follower.Op!;
        if (op.StoresProduct) RentOutputs(product);
        RentOutputs(follower);
        op.ForwardAfter(
            (IProduct)product.Op!, new ForwardContext(product), new ForwardContext(follower), follower.FollowedOperand);
    }
}
