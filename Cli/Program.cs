namespace AutogradCore.Cli;

internal static class Program
{
    private static int Main(string[] args)
    {
        using Interrupts interrupts = new();
        return (int)Application.Run(args, Terminal.OfProcess(), interrupts.Token);
    }
}
