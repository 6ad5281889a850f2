/* A library of one rank with NCCL's C interface, over host memory: what the binding passes is what C receives.
   Written from NCCL's documented interface; nothing here is NCCL's code. */
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef enum { OK = 0, INVALID_ARGUMENT = 4, INVALID_USAGE = 5, IN_PROGRESS = 7 } result_t;
typedef struct { char internal[128]; } id_t;
typedef struct {
    size_t size;
    unsigned int magic, version;
    int blocking, cgaClusterSize, minCTAs, maxCTAs;
    const char *netName;
    int splitShare, trafficClass;
    const char *commName;
    int collnetEnable, CTAPolicy, shrinkShare, nvlsCTAs, nChannelsPerNetPeer, nvlinkCentricSched;
    int graphUsageMode, numRmaCtx, maxP2pPeers, graphStreamOrdering;
} config_t;
typedef struct { int magic, blocking, questions, ops; } comm_t;
typedef int type_t, op_t;
/* 16-bit numbers; both ways exact for the small integers that the suite sends. */
static float half_to_float(uint16_t h) {
    uint32_t u = h == 0 ? 0 : ((uint32_t)(h & 0x7fff) << 13) + (112u << 23);
    float x;
    memcpy(&x, &u, 4);
    return x;
}
static uint16_t float_to_half(float x) {
    uint32_t u;
    memcpy(&u, &x, 4);
    return u == 0 ? 0 : (uint16_t)((u - (112u << 23)) >> 13);
}
static uint16_t float_to_bf16(float x) { uint32_t u; memcpy(&u, &x, 4); return (uint16_t)(u >> 16); }
static float bf16_to_float(uint16_t h) { uint32_t u = (uint32_t)h << 16; float x; memcpy(&x, &u, 4); return x; }

enum { MAGIC = 0x4e43434c, STREAM = 0x57 };
static const char *last_error = "";
static id_t received_id;
static config_t received_config;
static const void *send_from[16];
static void *receive_to[16];
static size_t send_bytes[16], receive_bytes[16];
static int depth, sends, receives;

static size_t size_of(type_t type) {
    static const size_t sizes[] = { 1, 1, 4, 4, 8, 8, 2, 4, 8, 2, 1, 1 };
    return sizes[type];
}

static result_t fail(result_t result, const char *why) { last_error = why; return result; }

static result_t check(comm_t *c, type_t type, void *stream) {
    if (c == NULL || c->magic != MAGIC) return fail(INVALID_ARGUMENT, "stub: no communicator");
    if (type < 0 || type > 11) return fail(INVALID_ARGUMENT, "stub: no such type");
    if (stream != (void *)(intptr_t)STREAM) return fail(INVALID_ARGUMENT, "stub: another stream");
    return OK;
}

static result_t done(comm_t *c) {
    if (c->blocking) return OK;
    c->questions = 2;
    return IN_PROGRESS;
}

static result_t move(const void *from, void *to, size_t n, type_t type, comm_t *c, void *stream) {
    result_t r = check(c, type, stream);
    if (r != OK) return r;
    memcpy(to, from, n * size_of(type));
    return done(c);
}

/* What the test asks afterwards. */
void stub_received_id(char *into) { memcpy(into, &received_id, sizeof received_id); }
void stub_received_config(config_t *into) { *into = received_config; }
size_t stub_config_size(void) { return sizeof(config_t); }
int stub_config_is_unset(const config_t *c) {
    const int *fields[] = { &c->cgaClusterSize, &c->minCTAs, &c->maxCTAs, &c->splitShare, &c->trafficClass, &c->collnetEnable,
        &c->CTAPolicy, &c->shrinkShare, &c->nvlsCTAs, &c->nChannelsPerNetPeer, &c->nvlinkCentricSched, &c->graphUsageMode,
        &c->numRmaCtx, &c->maxP2pPeers, &c->graphStreamOrdering };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) if (*fields[i] != INT_MIN) return 0;
    return c->netName == NULL && c->commName == NULL;
}

result_t ncclGetVersion(int *v) { *v = 23007; return OK; }
const char *ncclGetErrorString(result_t r) { return r == INVALID_ARGUMENT ? "invalid argument" : "some error"; }
const char *ncclGetLastError(comm_t *c) { (void)c; return last_error; }

result_t ncclGetUniqueId(id_t *id) {
    static int calls;
    calls++;
    for (int i = 0; i < 128; i++) id->internal[i] = (char)(i * 3 + calls);
    return OK;
}

static result_t join(comm_t **c, int n, id_t id, int rank, int blocking) {
    received_id = id;
    if (n != 1 || rank != 0) return fail(INVALID_ARGUMENT, "stub: one rank only");
    *c = calloc(1, sizeof **c);
    (*c)->magic = MAGIC;
    (*c)->blocking = blocking;
    return done(*c);
}

result_t ncclCommInitRank(comm_t **c, int n, id_t id, int rank) { return join(c, n, id, rank, 1); }

result_t ncclCommInitRankConfig(comm_t **c, int n, id_t id, int rank, config_t *config) {
    received_config = *config;
    if (config->magic != 0xcafebeef) return fail(INVALID_ARGUMENT, "stub: no magic");
    return join(c, n, id, rank, config->blocking);
}

result_t ncclCommSplit(comm_t *c, int color, int key, comm_t **child, config_t *config) {
    if (config != NULL || key != 0) return fail(INVALID_ARGUMENT, "stub: split");
    *child = NULL;
    if (color >= 0) {
        *child = calloc(1, sizeof **child);
        **child = *c;
    }
    return done(c);
}

result_t ncclCommGetAsyncError(comm_t *c, result_t *e) {
    *e = c->questions > 0 ? IN_PROGRESS : OK;
    if (c->questions > 0) c->questions--;
    return OK;
}

static result_t release(comm_t *c) { c->magic = 0; free(c); return OK; }
result_t ncclCommFinalize(comm_t *c) { return done(c); }
result_t ncclCommDestroy(comm_t *c) { return release(c); }
result_t ncclCommAbort(comm_t *c) { return release(c); }
result_t ncclCommCount(comm_t *c, int *n) { (void)c; *n = 1; return OK; }
result_t ncclCommUserRank(comm_t *c, int *n) { (void)c; *n = 0; return OK; }
result_t ncclCommCuDevice(comm_t *c, int *n) { (void)c; *n = 5; return OK; }

result_t ncclGroupStart(void) { depth++; return OK; }

result_t ncclGroupEnd(void) {
    if (--depth > 0) return OK;
    int n = sends, m = receives;
    sends = receives = 0;
    if (n != m) return fail(INVALID_USAGE, "stub: sends and receives");
    for (int i = 0; i < n; i++) {
        if (send_bytes[i] != receive_bytes[i]) return fail(INVALID_USAGE, "stub: lengths");
        memcpy(receive_to[i], send_from[i], send_bytes[i]);
    }
    return OK;
}

result_t ncclSend(const void *from, size_t n, type_t type, int peer, comm_t *c, void *stream) {
    result_t r = check(c, type, stream);
    if (r != OK) return r;
    if (depth == 0 || peer != 0) return fail(INVALID_USAGE, "stub: send");
    send_bytes[sends] = n * size_of(type);
    send_from[sends++] = from;
    return OK;
}

result_t ncclRecv(void *to, size_t n, type_t type, int peer, comm_t *c, void *stream) {
    result_t r = check(c, type, stream);
    if (r != OK) return r;
    if (depth == 0 || peer != 0) return fail(INVALID_USAGE, "stub: recv");
    receive_bytes[receives] = n * size_of(type);
    receive_to[receives++] = to;
    return OK;
}

/* A multiplied sum is told by its number, 5 and above; the stub triples. */
static result_t reduce(const void *from, void *to, size_t n, type_t type, op_t op, comm_t *c, void *stream) {
    result_t r = move(from, to, n, type, c, stream);
    if (op < 5 || (r != OK && r != IN_PROGRESS)) return r;
    for (size_t i = 0; i < n; i++) switch (type) {
        case 0: case 1: ((uint8_t *)to)[i] *= 3; break;
        case 2: case 3: ((uint32_t *)to)[i] *= 3; break;
        case 4: case 5: ((uint64_t *)to)[i] *= 3; break;
        case 7: ((float *)to)[i] *= 3; break;
        case 8: ((double *)to)[i] *= 3; break;
        case 9: ((uint16_t *)to)[i] = float_to_bf16(3 * bf16_to_float(((uint16_t *)to)[i])); break;
        case 6: ((uint16_t *)to)[i] = float_to_half(3 * half_to_float(((uint16_t *)to)[i])); break;
    }
    return r;
}

result_t ncclAllReduce(const void *s, void *r, size_t n, type_t t, op_t op, comm_t *c, void *st) { return reduce(s, r, n, t, op, c, st); }
result_t ncclReduceScatter(const void *s, void *r, size_t n, type_t t, op_t op, comm_t *c, void *st) { return reduce(s, r, n, t, op, c, st); }
result_t ncclAllGather(const void *s, void *r, size_t n, type_t t, comm_t *c, void *st) { return move(s, r, n, t, c, st); }
result_t ncclAlltoAll(const void *s, void *r, size_t n, type_t t, comm_t *c, void *st) { return move(s, r, n, t, c, st); }

result_t ncclBroadcast(const void *s, void *r, size_t n, type_t t, int root, comm_t *c, void *st) {
    return root == 0 ? move(s, r, n, t, c, st) : fail(INVALID_ARGUMENT, "stub: invalid root");
}

result_t ncclRedOpCreatePreMulSum(op_t *op, void *scalar, type_t type, int residence, comm_t *c) {
    int three = type < 6 ? *(uint8_t *)scalar == 3
        : type == 7 ? *(float *)scalar == 3 : type == 8 ? *(double *)scalar == 3 : 1;
    if (residence != 1 || !three || check(c, type, (void *)(intptr_t)STREAM) != OK) return fail(INVALID_ARGUMENT, "stub: scalar");
    *op = 5 + c->ops++;
    return OK;
}

result_t ncclRedOpDestroy(op_t op, comm_t *c) { return op >= 5 && c->magic == MAGIC ? OK : fail(INVALID_ARGUMENT, "stub: op"); }

result_t ncclCommRegister(const comm_t *c, void *memory, size_t bytes, void **handle) {
    *handle = (char *)memory + 1;
    return c->magic == MAGIC && bytes > 0 ? OK : fail(INVALID_ARGUMENT, "stub: register");
}

result_t ncclCommDeregister(const comm_t *c, void *handle) {
    return c->magic == MAGIC && (intptr_t)handle % 2 == 1 ? OK : fail(INVALID_ARGUMENT, "stub: deregister");
}

result_t ncclMemAlloc(void **memory, size_t bytes) { *memory = malloc(bytes); return OK; }
result_t ncclMemFree(void *memory) { free(memory); return OK; }
