// A CUDA driver without a device: memory is the host's, kernels do nothing, and every call is written to the file that
// STUB_DRIVER_LOG names, as "function argument argument". A call in another context than the one its object was made in, or in none,
// writes a line that starts with FAULT. For StubDriverTests; -DWITHOUT_PRIMARY leaves a function out, -DREFUSES has one fail,
// -DVERSION=10020 is a driver of CUDA 10.2, -DINIT=100 one that does not start.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef VERSION
#define VERSION 12090
#endif
#ifndef INIT
#define INIT 0
#endif

typedef uintptr_t Handle;
typedef struct { Handle handle, context; } Made;

enum { MOST = 1 << 20, PRIMARY = 0xC1 };

static __thread Handle current;
static Made made[MOST];
static int count, primary;
static Handle last = 0x1000;
static FILE *file;

static int note(const char *call, Handle a, Handle b)
{
    if (!file) file = fopen(getenv("STUB_DRIVER_LOG"), "w");
    fprintf(file, "%s %lx %lx\n", call, (unsigned long)a, (unsigned long)b);
    fflush(file);
    return 0;
}

static int make(const char *call, Handle *handle, Handle value, Handle argument)
{
    if (!current) note("FAULT: no context", value, 0);
    made[__atomic_fetch_add(&count, 1, __ATOMIC_SEQ_CST)] = (Made){ value, current }; // nobody else knows the handle yet
    *handle = value;
    return note(call, value, argument);
}

/* A handle that no other object has. */
static Handle next(void) { return __atomic_add_fetch(&last, 1, __ATOMIC_SEQ_CST); }

static int use(const char *call, Handle handle, Handle argument)
{
    for (int i = count - 1; i >= 0; i--)
        if (made[i].handle == handle)
        {
            if (made[i].context != current) note("FAULT: made in another context", handle, made[i].context);
            return note(call, handle, argument);
        }
    return note("FAULT: never made", handle, 0);
}

int cuInit(int flags) { return INIT; }
int cuDriverGetVersion(int *version) { return *version = VERSION, 0; }
int cuDeviceGet(int *device, int ordinal) { return *device = ordinal, 0; }
int cuDeviceGetCount(int *devices) { return *devices = 1, 0; }
int cuDeviceGetName(char *name, int length, int device) { return strncpy(name, "Stub", length), 0; }
int cuDeviceTotalMem_v2(size_t *bytes, int device) { return *bytes = 1ull << 37, 0; }

int cuDeviceGetAttribute(int *value, int attribute, int device)
{
    switch (attribute)
    {
        case 1: case 2: case 3: *value = 1024; break; // lanes in a group
        case 4: *value = 64; break;
        case 5: case 6: case 7: *value = 65535; break; // groups
        case 8: *value = 48 * 1024; break; // shared memory
        case 10: *value = 32; break; // lanes in a warp
        case 16: *value = 132; break; // multiprocessors
        case 39: *value = 2048; break; // lanes on a multiprocessor
        case 75: *value = 9; break; // compute capability 9.0
        case 76: *value = 0; break;
        case 97: *value = 227 * 1024; break; // shared memory for those that ask
        default: *value = 1; break;
    }
    return 0;
}

int cuCtxCreate_v2(Handle *context, int flags, int device) { return current = *context = next(), note("cuCtxCreate", *context, 0); }
int cuCtxDestroy_v2(Handle context)
{
    if (current == context) current = 0;
    return note(context == PRIMARY ? "FAULT: the primary context destroyed" : "cuCtxDestroy", context, 0);
}
int cuCtxSetCurrent(Handle context)
{
#ifdef REFUSES
    if (context == PRIMARY) return 2;
#endif
    if (context == PRIMARY && !primary) note("FAULT: not retained", context, 0);
    current = context;
    return 0;
}
int cuCtxGetCurrent(Handle *context) { return *context = current, 0; }
int cuCtxSynchronize(void) { return note("cuCtxSynchronize", current, 0); }
int cuCtxGetCacheConfig(int *config) { return *config = 0; }
int cuCtxGetSharedMemConfig(int *config) { return *config = 1, 0; }
#ifndef WITHOUT_PRIMARY
int cuDevicePrimaryCtxRetain(Handle *context, int device)
{
    primary++;
    return *context = PRIMARY, note("cuDevicePrimaryCtxRetain", primary, 0);
}
#endif
int cuDevicePrimaryCtxRelease_v2(int device) { return primary--, note("cuDevicePrimaryCtxRelease", primary, 0); }

int cuMemGetInfo_v2(size_t *left, size_t *all) { return *left = *all = 1ull << 37, 0; }
int cuMemAlloc_v2(Handle *memory, size_t bytes) { return make("cuMemAlloc", memory, (Handle)calloc(bytes, 1), bytes); }
int cuMemFree_v2(Handle memory) { return use("cuMemFree", memory, 0); }
int cuPointerGetAttribute(int *value, int attribute, Handle memory) { return *value = 2, 0; }
int cuMemcpyAsync(Handle to, Handle from, size_t bytes, Handle stream)
{
    memcpy((void *)to, (void *)from, bytes);
    return stream ? use("cuMemcpyAsync", stream, bytes) : note("cuMemcpyAsync", 0, bytes);
}

int cuStreamCreate(Handle *stream, int flags) { return make("cuStreamCreate", stream, next(), flags); }
int cuStreamDestroy_v2(Handle stream) { return use("cuStreamDestroy", stream, 0); }
int cuStreamSynchronize(Handle stream) { return stream ? use("cuStreamSynchronize", stream, 0) : 0; }
int cuStreamWaitEvent(Handle stream, Handle event, int flags) { return use("cuStreamWaitEvent", stream, event); }
int cuEventCreate(Handle *event, int flags) { return make("cuEventCreate", event, next(), flags); }
int cuEventDestroy_v2(Handle event) { return use("cuEventDestroy", event, 0); }
int cuEventRecord(Handle event, Handle stream) { return use("cuEventRecord", event, stream); }
int cuEventQuery(Handle event) { return use("cuEventQuery", event, 0); }

int cuModuleLoadDataEx(Handle *module, const char *text, int options, void *names, void *values)
{
    return make("cuModuleLoad", module, next(), 0);
}
int cuModuleUnload(Handle module) { return use("cuModuleUnload", module, 0); }
int cuModuleGetFunction(Handle *function, Handle module, const char *name)
{
    use("cuModuleGetFunction", module, 0);
    return make("function", function, next(), 0);
}
int cuFuncGetAttribute(int *value, int attribute, Handle function)
{
    return *value = 0, use("cuFuncGetAttribute", function, attribute);
}
int cuFuncSetAttribute(Handle function, int attribute, int value) { return use("cuFuncSetAttribute", function, value); }
int cuLaunchKernel(Handle function, int x, int y, int z, int a, int b, int c, int shared, Handle stream, void *p, void *q)
{
    use("kernel", function, shared);
    return stream ? use("cuLaunchKernel", stream, shared) : note("cuLaunchKernel", 0, shared);
}

int cuGetErrorName(int error, const char **name) { return *name = "CUDA_ERROR_OUT_OF_MEMORY", 0; }
int cuGetErrorString(int error, const char **text) { return *text = "out of memory", 0; }
