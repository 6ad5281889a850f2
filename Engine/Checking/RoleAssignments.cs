namespace AutogradCore.Checking;

/// <summary>The roles in which the laws of the split are checked.</summary>
internal static class RoleAssignments
{
    /// <summary>All inputs; all parameters; each operand alone a parameter, the others inputs, and the other way round; each
    /// alone differentiable; each alone not.</summary>
    public static IReadOnlyList<Role[]> Of(CheckedFunction function)
    {
        List<Role[]> assignments = [function.All(Role.Input), function.All(Role.Parameter)];
        for (int i = 0; i < function.Operands.Length; i++)
        {
            if (!function.Operands[i].IsChecked) continue;
            assignments.Add(Except(Role.Input, i, Role.Parameter));
            assignments.Add(Except(Role.Parameter, i, Role.Input));
            assignments.Add(Except(Role.Fixed, i, Role.Input));
            assignments.Add(Except(Role.Fixed, i, Role.Parameter));
            assignments.Add(Except(Role.Input, i, Role.Fixed));
            assignments.Add(Except(Role.Parameter, i, Role.Fixed));
        }
        return [.. assignments.Where(r => r.Any(role => role != Role.Fixed))
            .DistinctBy(r => string.Concat(r.Select(role => (int)role)))];

        Role[] Except(Role all, int one, Role role)
        {
            Role[] roles = function.All(all);
            roles[one] = function.RoleOf(one, role);
            return roles;
        }
    }

    /// <summary>The roles in words: <c>a input, b fixed</c>. Of many operands, those that are not inputs or parameters like the
    /// rest.</summary>
    public static string Describe(CheckedFunction function, Role[] roles)
    {
        string Words(IEnumerable<int> operands) =>
            string.Join(", ", operands.Select(i => $"{function.Operands[i].Name} {roles[i].ToString().ToLowerInvariant()}"));
        if (roles.Length <= 4) return Words(Enumerable.Range(0, roles.Length));
        Role most = roles.CountBy(r => r).MaxBy(r => r.Value).Key;
        string rest = $"all {most.ToString().ToLowerInvariant()}";
        int[] others = [.. Enumerable.Range(0, roles.Length).Where(i => roles[i] != most)];
        return others.Length == 0 ? rest : $"{rest} but {Words(others)}";
    }
}
