using AutogradCore.Tests.Kernels.Host;

return VectorCodeRun.Run(Console.Out, everything: args is [VectorCodeRun.Everything]);
