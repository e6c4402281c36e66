"""The curve of min-char-rnn (Karpathy 2015), computed with numpy alone, to hold ours against.

An RNN of 100 units reads a text one character at a time (one-hot), in windows of 25; the state is carried and set to zero
where the text begins again. Loss: the sum of the negative log-probabilities of a window. Adagrad with rate 0.1, each
element of the gradient clipped to [-5, 5]. Smoothed: s <- 0.999 s + 0.001 loss, from 25 ln V.

Usage: python3 test/bench/min_char_rnn.py TEXT [SEEDS [WINDOWS]]
Prints CSV: seed, windows, smoothed loss.
"""

import sys

import numpy as np

H, T, RATE, CLIP = 100, 25, 0.1, 5.0


def windows(ids):
    """(x, y, fresh) for ever; fresh says that the text begins again."""
    at, fresh = 0, True
    while True:
        if at + T + 1 > len(ids):
            at, fresh = 0, True
        yield ids[at : at + T], ids[at + 1 : at + T + 1], fresh
        at, fresh = at + T, False


def gradients(p, x, y, h0):
    """Loss of one window, dL/dparameters, last state."""
    h = np.zeros((T + 1, H))
    h[-1] = h0
    for t in range(T):
        h[t] = np.tanh(p["Wx"][:, x[t]] + p["Wh"] @ h[t - 1] + p["bh"])
    z = h[:T] @ p["Wy"].T + p["by"]
    z -= z.max(axis=1, keepdims=True)
    prob = np.exp(z)
    prob /= prob.sum(axis=1, keepdims=True)
    loss = -np.log(prob[np.arange(T), y]).sum()
    dz = prob
    dz[np.arange(T), y] -= 1
    g = {name: np.zeros_like(value) for name, value in p.items()}
    g["Wy"], g["by"] = dz.T @ h[:T], dz.sum(axis=0)
    back = np.zeros(H)
    for t in reversed(range(T)):
        da = (1 - h[t] ** 2) * (p["Wy"].T @ dz[t] + back)
        g["bh"] += da
        g["Wx"][:, x[t]] += da
        g["Wh"] += np.outer(da, h[t - 1])
        back = p["Wh"].T @ da
    return loss, g, h[T - 1]


def train(ids, V, seed, count):
    draw = np.random.default_rng(seed)
    p = {name: 0.01 * draw.standard_normal(shape) for name, shape in [("Wx", (H, V)), ("Wh", (H, H)), ("Wy", (V, H))]}
    p |= {"bh": np.zeros(H), "by": np.zeros(V)}
    sums = {name: np.zeros_like(value) for name, value in p.items()}
    smooth = T * np.log(V)
    h = np.zeros(H)
    for n, (x, y, fresh) in zip(range(1, count + 1), windows(ids)):
        loss, g, h = gradients(p, x, y, np.zeros(H) if fresh else h)
        smooth = 0.999 * smooth + 0.001 * loss
        for name in p:
            d = np.clip(g[name], -CLIP, CLIP)
            sums[name] += d * d
            p[name] -= RATE * d / np.sqrt(sums[name] + 1e-8)
        if n % 1000 == 0:
            print(f"{seed},{n},{smooth:.6f}", flush=True)


def main():
    text = open(sys.argv[1], encoding="utf-8").read()
    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 100_000
    letters = sorted(set(text))
    index = {c: i for i, c in enumerate(letters)}
    ids = np.array([index[c] for c in text])
    print("seed,windows,smoothed")
    for seed in range(1, seeds + 1):
        train(ids, len(letters), seed, count)


main()
