using AutogradCore.Tests.Kernels.Host;

return VectorCodeRun.Run(Console.Out);
