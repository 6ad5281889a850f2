namespace AutogradCore.Cli;

internal static class Program
{
    private static int Main(string[] args)
    {
        Terminal terminal = Terminal.OfProcess();
        using Interrupts interrupts = new(terminal);
        return (int)Application.Run(args, terminal, interrupts.Interruption);
    }
}
