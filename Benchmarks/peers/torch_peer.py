"""PyTorch's side of the benchmarks: does the same work on request, and answers with the seconds of one run.

Reads lines `BUDGET WHAT SIZES...` from standard input; answers each with a number. WHAT may begin with a precision and a colon:
`bf16:matmul`; without one it is fp32. The line `step-memory SIZES...` is answered with the most bytes of physical memory that this
process ever had, after a few training steps. The first line printed is the configuration.
"""
import contextlib
import ctypes
import math
import os
import statistics
import sys
import time

try:
    import torch
    import torch.nn.functional as F
except ImportError as error:
    sys.exit(f"torch_peer: {error}")

DEVICE = sys.argv[1] if len(sys.argv) > 1 else "cpu"
if DEVICE != "cpu":
    try:
        torch.set_default_device(DEVICE)
        torch.ones(1).sum().item()
    except (AttributeError, AssertionError, RuntimeError) as error:
        sys.exit(f"torch_peer: no {DEVICE} here: {error}")
torch.manual_seed(1)
torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))


def finish():
    """Waits for what was queued on a GPU."""
    if DEVICE != "cpu":
        torch.cuda.synchronize()


# What tensors hold, and whether products of floats may round to TF32.
PRECISIONS = {"fp32": (torch.float32, False), "tf32": (torch.float32, True), "bf16": (torch.bfloat16, False)}


def copy(dtype, count):
    x = torch.randn(int(count), dtype=dtype)
    y = torch.empty_like(x)
    return lambda: y.copy_(x)


def launch(dtype):
    x = torch.empty(1, dtype=dtype)
    return lambda: x.fill_(1)


def matmul(dtype, form, m, n, k):
    m, n, k = int(m), int(n), int(k)
    a = torch.randn((k, m) if form[0] == "t" else (m, k), dtype=dtype)
    b = torch.randn((n, k) if form[1] == "t" else (k, n), dtype=dtype)
    left, right = a.t() if form[0] == "t" else a, b.t() if form[1] == "t" else b
    out = torch.empty(m, n, dtype=dtype)
    return lambda: torch.mm(left, right, out=out)


def weight_gradient(dtype, microbatches, m, n, rows):
    """A call for each microbatch, accumulating in place: what autograd does."""
    m, n, rows = int(m), int(n), int(rows)
    pairs = [(torch.randn(rows, m, dtype=dtype), torch.randn(rows, n, dtype=dtype)) for _ in range(int(microbatches))]
    dw = torch.zeros(m, n, dtype=dtype)

    def run():
        for dy, x in pairs:
            dw.addmm_(dy.t(), x)
    return run


def add(dtype, rows, width):
    a, b = (torch.randn(int(rows), int(width), dtype=dtype) for _ in range(2))
    out = torch.empty_like(a)
    return lambda: torch.add(a, b, out=out)


def cast(dtype, rows, width):
    """From floats to bf16 or back."""
    x = torch.randn(int(rows), int(width), dtype=dtype)
    y = torch.empty_like(x, dtype=torch.bfloat16 if dtype == torch.float32 else torch.float32)
    return lambda: y.copy_(x)


def elementwise(function):
    def make(dtype, rows, width):
        x = torch.randn(int(rows), int(width), dtype=dtype, requires_grad=True)
        dy = torch.randn(int(rows), int(width), dtype=dtype)

        def run():
            x.grad = None
            function(x).backward(dy)
        return run
    return make


def layer_norm_weights(dtype, rows, width):
    """Forward, and the gradients of gain and shift alone."""
    x, dy = (torch.randn(int(rows), int(width), dtype=dtype) for _ in range(2))
    gain, shift = (torch.randn(int(width), dtype=dtype, requires_grad=True) for _ in range(2))

    def run():
        gain.grad = shift.grad = None
        F.layer_norm(x, x.shape[-1:], gain, shift).backward(dy)
    return run


def cross_entropy(dtype, rows, width):
    x = torch.randn(int(rows), int(width), dtype=dtype, requires_grad=True)
    targets = torch.arange(int(rows)) % int(width)

    def run():
        x.grad = None
        F.cross_entropy(x, targets).backward()
    return run


def attend(q, k, v):
    """Causal attention on [B,H,T,D]: the fused kernel where this version has one, the usual formula otherwise."""
    if hasattr(F, "scaled_dot_product_attention"):
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    t = q.shape[-2]
    scores = (q @ k.transpose(-2, -1)) * (1 / math.sqrt(q.shape[-1]))
    mask = torch.triu(torch.ones(t, t, dtype=torch.bool), 1)
    return F.softmax(scores.masked_fill(mask, float("-inf")), dim=-1) @ v


def attention(dtype, b, h, t, d):
    q, k, v = (torch.randn(int(b), int(h), int(t), int(d), dtype=dtype, requires_grad=True) for _ in range(3))
    dy = torch.randn(int(b), int(h), int(t), int(d), dtype=dtype)

    def run():
        q.grad = k.grad = v.grad = None
        attend(q, k, v).backward(dy)
    return run


class Block(torch.nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = torch.nn.LayerNorm(d), torch.nn.LayerNorm(d)
        self.qkv, self.project = torch.nn.Linear(d, 3 * d), torch.nn.Linear(d, d)
        self.up, self.down = torch.nn.Linear(d, 4 * d), torch.nn.Linear(4 * d, d)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = (y.view(b, t, self.heads, d // self.heads).transpose(1, 2) for y in self.qkv(self.norm1(x)).split(d, dim=2))
        x = x + self.project(attend(q, k, v).transpose(1, 2).reshape(b, t, d))
        return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))


class Gpt(torch.nn.Module):
    def __init__(self, layers, d, heads, t, v):
        super().__init__()
        self.token, self.position = torch.nn.Embedding(v, d), torch.nn.Parameter(torch.randn(t, d) * 0.02)
        self.blocks = torch.nn.ModuleList(Block(d, heads) for _ in range(layers))
        self.norm, self.head = torch.nn.LayerNorm(d), torch.nn.Linear(d, v, bias=False)

    def forward(self, ids):
        x = self.token(ids) + self.position
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def step(dtype, layers, d, heads, t, v, b):
    """Forward, backward, clipping and AdamW. In bf16: parameters, gradients and state in floats under autocast, eagerly."""
    layers, d, heads, t, v, b = (int(n) for n in (layers, d, heads, t, v, b))
    model = Gpt(layers, d, heads, t, v)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, **({"fused": True} if DEVICE != "cpu" else {}))
    ids = (torch.arange(b * t) * 7 % v).view(b, t)

    def autocast():
        return torch.autocast(DEVICE, dtype) if dtype != torch.float32 else contextlib.nullcontext()

    def run():
        optimizer.zero_grad(set_to_none=True)
        with autocast():
            loss = F.cross_entropy(model(ids).view(b * t, v), ids.view(-1))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    return run


WORK = {
    "copy": copy,
    "launch": launch,
    "matmul": matmul,
    "sgemm": matmul,
    "dgemm": lambda _, *sizes: matmul(torch.float64, *sizes),
    "weight-gradient": weight_gradient,
    "add": add,
    "cast": cast,
    "layer-norm": elementwise(lambda x: F.layer_norm(x, x.shape[-1:])),
    "layer-norm-weights": layer_norm_weights,
    "gelu-tanh": elementwise(lambda x: F.gelu(x, approximate="tanh")),
    "gelu-erf": elementwise(F.gelu),
    "softmax": elementwise(lambda x: F.softmax(x, dim=-1)),
    "cross-entropy": cross_entropy,
    "attention": attention,
    "step": step,
}


def make(what, *sizes):
    """Work ready to run, with the process set to its precision: one piece at a time, since that setting is global."""
    precision, _, name = what.rpartition(":")
    dtype, rounds = PRECISIONS[precision or "fp32"]
    torch.backends.cuda.matmul.allow_tf32 = rounds
    return WORK[name](dtype, *sizes)


def seconds(run, budget):
    """The median time of one run, each sample long enough to time."""
    run()
    finish()
    start = time.perf_counter()
    run()
    finish()
    repeats = max(1, int(0.005 / max(time.perf_counter() - start, 1e-9)))
    samples, begin = [], time.perf_counter()
    while len(samples) < 5 or (time.perf_counter() - begin < budget and len(samples) < 101):
        start = time.perf_counter()
        for _ in range(repeats):
            run()
        finish()
        samples.append((time.perf_counter() - start) / repeats)
    return statistics.median(samples)


def step_memory(*sizes):
    run = make("step", *sizes)
    for _ in range(8):
        run()
    with open("/proc/self/status", encoding="utf-8") as status:
        return next(1024 * int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def capability():
    lines = [line.strip(" -") for line in torch.__config__.show().splitlines()]
    return next((line for line in lines if line.startswith("CPU capability")), "CPU capability unknown")


def blas():
    """The BLAS library that was loaded in fact."""
    try:
        with open("/proc/self/maps", encoding="utf-8") as maps:
            loaded = {line.split()[-1] for line in maps if "blas" in line or "mkl" in line}
    except OSError:
        return "BLAS unknown"
    names = sorted({os.path.realpath(path) for path in loaded})
    return ", ".join(dict.fromkeys([*names, *filter(None, map(openblas_kernels, names))])) or "no BLAS library loaded"


def openblas_kernels(path):
    """What OpenBLAS says of itself: version, options, and the processor whose kernels it chose."""
    try:
        ask = ctypes.CDLL(path).openblas_get_config
    except (OSError, AttributeError):
        return None
    ask.restype = ctypes.c_char_p
    return ask().decode()


def main():
    torch.mm(torch.ones(2, 2), torch.ones(2, 2))
    where = f"{capability()}, {blas()}" if DEVICE == "cpu" else torch.cuda.get_device_name()
    print(f"PyTorch {torch.__version__}, {where}", flush=True)
    made = {}
    for line in sys.stdin:
        budget, what, *sizes = line.split()
        if budget == "step-memory":
            print(step_memory(what, *sizes), flush=True)
            continue
        key = (what, *sizes)
        if key not in made:
            made.clear()  # the last one's memory is free again
            made[key] = make(*key)
        print(seconds(made[key], float(budget)), flush=True)


main()
