import type { Pointer } from "./engine.ts";
import { ReferenceMemory, sigmoid } from "./reference-memory.ts";
import { logSumExp } from "./rows.ts";

type Phi = "tanh" | "relu" | "sigmoid";

/** φ and, from its value y, φ'. */
const phis: Record<Phi, { of: (x: number) => number; slope: (y: number) => number }> = {
  tanh: { of: Math.tanh, slope: (y: number) => 1 - y * y },
  relu: { of: (x: number) => (x > 0 || Number.isNaN(x) ? x : 0), slope: (y: number) => (y > 0 ? 1 : 0) },
  sigmoid: { of: sigmoid, slope: (y: number) => y * (1 - y) },
};

/** The steps of recurrent layers, and the loss over rows of logits. */
export class ReferenceSteps extends ReferenceMemory {
  rnnForward(kind: Phi, n: number, a: Pointer, h: Pointer): void {
    this.map(n, a, h, phis[kind].of);
  }
  rnnBackward(kind: Phi, n: number, h: Pointer, dh: Pointer, da: Pointer): void {
    const x = this.memory;
    const { slope } = phis[kind];
    for (let i = 0; i < n; i++) x[da + i] = x[dh + i] * slope(x[h + i]);
  }

  lstmForward(
    B: number,
    H: number,
    gates: Pointer,
    cBefore: Pointer,
    c: Pointer,
    tanhC: Pointer,
    h: Pointer,
  ): void {
    const x = this.memory;
    for (let b = 0; b < B; b++) {
      for (let j = 0; j < H; j++) {
        const at = gates + b * 4 * H + j;
        const s = b * H + j;
        const i = sigmoid(x[at]);
        const f = sigmoid(x[at + H]);
        const g = Math.tanh(x[at + 2 * H]);
        const o = sigmoid(x[at + 3 * H]);
        const cell = f * x[cBefore + s] + i * g;
        const squashed = Math.tanh(cell);
        x[at] = i;
        x[at + H] = f;
        x[at + 2 * H] = g;
        x[at + 3 * H] = o;
        x[c + s] = cell;
        x[tanhC + s] = squashed;
        x[h + s] = o * squashed;
      }
    }
  }

  /**
   * dc += dh ⊙ o ⊙ (1 − tanh² c); da_i = dc ⊙ g ⊙ i(1 − i), da_f = dc ⊙ c_{t−1} ⊙ f(1 − f), da_g = dc ⊙ i ⊙ (1 − g²),
   * da_o = dh ⊙ tanh c ⊙ o(1 − o); dc_{t−1} = dc ⊙ f.
   */
  lstmBackward(
    B: number,
    H: number,
    gates: Pointer,
    cBefore: Pointer,
    tanhC: Pointer,
    dh: Pointer,
    dc: Pointer,
    da: Pointer,
  ): void {
    const x = this.memory;
    for (let b = 0; b < B; b++) {
      for (let j = 0; j < H; j++) {
        const at = b * 4 * H + j;
        const s = b * H + j;
        const i = x[gates + at];
        const f = x[gates + at + H];
        const g = x[gates + at + 2 * H];
        const o = x[gates + at + 3 * H];
        const squashed = x[tanhC + s];
        const up = x[dh + s];
        const cell = x[dc + s] + up * o * (1 - squashed * squashed);
        const before = x[cBefore + s];
        x[da + at] = cell * g * i * (1 - i);
        x[da + at + H] = cell * before * f * (1 - f);
        x[da + at + 2 * H] = cell * i * (1 - g * g);
        x[da + at + 3 * H] = up * squashed * o * (1 - o);
        x[dc + s] = cell * f;
      }
    }
  }

  /** r, z = σ(gx + gh); n = tanh(gx_n + r ⊙ gh_n); h = (1 − z) ⊙ n + z ⊙ h_{t−1}. */
  gruForward(
    B: number,
    H: number,
    gx: Pointer,
    gh: Pointer,
    gates: Pointer,
    hBefore: Pointer,
    h: Pointer,
  ): void {
    const x = this.memory;
    for (let b = 0; b < B; b++) {
      for (let j = 0; j < H; j++) {
        const at = b * 3 * H + j;
        const s = b * H + j;
        const r = sigmoid(x[gx + at] + x[gh + at]);
        const z = sigmoid(x[gx + at + H] + x[gh + at + H]);
        const n = Math.tanh(x[gx + at + 2 * H] + r * x[gh + at + 2 * H]);
        x[gates + at] = r;
        x[gates + at + H] = z;
        x[gates + at + 2 * H] = n;
        x[h + s] = n + z * (x[hBefore + s] - n);
      }
    }
  }

  /**
   * da_n = dh ⊙ (1 − z) ⊙ (1 − n²), da_z = dh ⊙ (h_{t−1} − n) ⊙ z(1 − z), da_r = da_n ⊙ gh_n ⊙ r(1 − r);
   * gx gets [da_r, da_z, da_n], gh gets [da_r, da_z, da_n ⊙ r], and h_{t−1} directly dh ⊙ z.
   */
  gruBackward(
    B: number,
    H: number,
    gates: Pointer,
    gh: Pointer,
    hBefore: Pointer,
    dh: Pointer,
    dgx: Pointer,
    dgh: Pointer,
    dhBefore: Pointer,
  ): void {
    const x = this.memory;
    for (let b = 0; b < B; b++) {
      for (let j = 0; j < H; j++) {
        const at = b * 3 * H + j;
        const s = b * H + j;
        const r = x[gates + at];
        const z = x[gates + at + H];
        const n = x[gates + at + 2 * H];
        const up = x[dh + s];
        const dn = up * (1 - z) * (1 - n * n);
        const dz = up * (x[hBefore + s] - n) * z * (1 - z);
        const dr = dn * x[gh + at + 2 * H] * r * (1 - r);
        x[dgx + at] = dr;
        x[dgx + at + H] = dz;
        x[dgx + at + 2 * H] = dn;
        x[dgh + at] = dr;
        x[dgh + at + H] = dz;
        x[dgh + at + 2 * H] = dn * r;
        x[dhBefore + s] = up * z;
      }
    }
  }

  softmaxCrossEntropy(
    rows: number,
    V: number,
    logits: Pointer,
    targets: number,
    ignore: number,
    weight: number,
    nll: Pointer,
  ): void {
    const x = this.memory;
    for (let r = 0; r < rows; r++) {
      const row = x.subarray(logits + r * V, logits + (r + 1) * V);
      const y = this.ids[targets + r];
      if (y === ignore) {
        x[nll + r] = 0;
        row.fill(0);
        continue;
      }
      const norm = logSumExp(row);
      x[nll + r] = norm - row[y];
      for (let v = 0; v < V; v++) row[v] = weight * (Math.exp(row[v] - norm) - (v === y ? 1 : 0));
    }
  }
}
