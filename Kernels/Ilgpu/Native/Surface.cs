// The kernels of this build compile against ILGPU.
global using ILGPU;
global using ILGPU.Runtime;
