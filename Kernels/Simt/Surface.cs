// The kernels of this build compile against the emulator.
global using AutogradCore.Kernels.Simt;
