"""The six workloads in PyTorch: forward, backward, clip, update. One JSON line per workload, with the fields of run.ts.

usage: env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE OMP_NUM_THREADS=1 python3 torch_bench.py THREADS SECONDS W1 [W2 ...]

Without OpenBLAS (Debian: libopenblas0) torch multiplies with the reference BLAS, twenty times slower, and with
OPENBLAS_CORETYPE set OpenBLAS may be held to an older instruction set: neither is a fair opponent.
"""

import json
import resource
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

WARM_UP_SECONDS = 1.0


class CharRNN(nn.Module):
    def __init__(self, V, H):
        super().__init__()
        self.V = V
        self.rnn = nn.RNN(V, H)
        self.output = nn.Linear(H, V)

    def forward(self, x, h):
        y, h = self.rnn(F.one_hot(x, self.V).float(), h)
        return self.output(y.flatten(0, 1)), h


class LanguageModel(nn.Module):
    def __init__(self, cell, V, E, H, layers):
        super().__init__()
        self.embedding = nn.Embedding(V, E)
        self.rnn = {"lstm": nn.LSTM, "gru": nn.GRU}[cell](E, H, layers)
        self.output = nn.Linear(H, V)

    def forward(self, x, state):
        y, state = self.rnn(self.embedding(x), state)
        return self.output(y.flatten(0, 1)), state


class FixedWindow(nn.Module):
    def __init__(self, V, window, E, H):
        super().__init__()
        self.embedding = nn.Embedding(V, E)
        self.hidden = nn.Linear(window * E, H)
        self.output = nn.Linear(H, V)

    def forward(self, x):
        return self.output(torch.tanh(self.hidden(self.embedding(x).flatten(1))))


def detached(state):
    return tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()


def stepper(model, loss_of, optimizer, clip):
    def step():
        loss = loss_of()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip(model.parameters())
        optimizer.step()
        return loss

    return step


def char_rnn():
    V, H, T = 65, 100, 25
    model = CharRNN(V, H)
    x, y = torch.randint(V, (T, 1)), torch.randint(V, (T,))
    carried = [None]

    def loss_of():
        logits, h = model(x, carried[0])
        carried[0] = detached(h)
        return F.cross_entropy(logits, y, reduction="sum")

    optimizer = torch.optim.Adagrad(model.parameters(), lr=0.1)
    step = stepper(model, loss_of, optimizer, lambda p: nn.utils.clip_grad_value_(p, 5.0))
    return step, T, T


def recurrent(cell, V, E, H, layers, B, T, make_optimizer, max_norm):
    model = LanguageModel(cell, V, E, H, layers)
    x, y = torch.randint(V, (T, B)), torch.randint(V, (T * B,))
    carried = [None]

    def loss_of():
        logits, state = model(x, carried[0])
        carried[0] = detached(state)
        return F.cross_entropy(logits, y)

    step = stepper(
        model, loss_of, make_optimizer(model.parameters()), lambda p: nn.utils.clip_grad_norm_(p, max_norm)
    )
    return step, B * T, 1


def fixed_window():
    V, window, E, H, B = 10000, 5, 60, 100, 64
    model = FixedWindow(V, window, E, H)
    x, y = torch.randint(V, (B, window)), torch.randint(V, (B,))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    step = stepper(
        model, lambda: F.cross_entropy(model(x), y), optimizer, lambda p: nn.utils.clip_grad_norm_(p, 5.0)
    )
    return step, B, 1


def adam(parameters):
    return torch.optim.Adam(parameters, lr=1e-3)


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=1.0)


WORKLOADS = {
    "W1": char_rnn,
    "W2": lambda: recurrent("lstm", 65, 64, 256, 1, 32, 64, adam, 5.0),
    "W3": lambda: recurrent("lstm", 10000, 200, 200, 2, 20, 20, sgd, 5.0),
    "W4": lambda: recurrent("lstm", 10000, 128, 1024, 1, 20, 30, adam, 0.5),
    "W5": fixed_window,
    "W6": lambda: recurrent("gru", 65, 64, 256, 1, 32, 64, adam, 5.0),
}


def main(threads, seconds, names):
    torch.set_num_threads(threads)
    for name in names:
        torch.manual_seed(0)
        step, tokens, scale = WORKLOADS[name]()
        first = last = step().item() / scale
        begun = time.perf_counter()
        warm = 1
        while warm < 3 or time.perf_counter() - begun < WARM_UP_SECONDS:
            step()
            warm += 1
        times = []
        cpu = time.process_time()
        end = time.perf_counter() + seconds
        while time.perf_counter() < end or len(times) < 3:
            before = time.perf_counter()
            loss = step()
            times.append((time.perf_counter() - before) * 1e3)
            last = loss.item() / scale
        cpu = (time.process_time() - cpu) * 1e3
        median = statistics.median_high(times)
        print(
            json.dumps(
                {
                    "workload": name,
                    "kernels": "pytorch",
                    "fingerprint": f"torch {torch.__version__}",
                    "threads": threads,
                    "steps": len(times),
                    "tokensPerSecond": tokens / median * 1e3,
                    "stepMs": median,
                    "cpuMs": cpu / len(times),
                    "peakRssBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
                    "lossFirst": first,
                    "lossLast": last,
                }
            ),
            flush=True,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:])
