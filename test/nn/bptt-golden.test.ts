import { fromData, type nn, ops, type Tensor, tensor } from "../golden/core.ts";
import {
  assertClose,
  assertNumber,
  type GoldenTensor,
  loadCases,
  type Precision,
  precisions,
  toTensor,
  valuesOf,
} from "../golden/decode.ts";

interface BpttCase {
  id: string;
  nonlinearity: nn.Nonlinearity;
  T: number;
  params: Record<"Wx" | "Wh" | "bh" | "Wy" | "by", GoldenTensor>;
  inputs: { x: GoldenTensor; h0: GoldenTensor; y: number[] };
  h: GoldenTensor;
  J: number[];
  contrib: GoldenTensor;
  contribNorm: number[][];
  dJ_dWh: GoldenTensor;
  dJtotal_dWh: GoldenTensor;
  jacobianSpectralNorm: number[][];
  truncated: Record<string, GoldenTensor>;
}

interface Unrolled {
  /** W_h once per step, equal in value but each a leaf of its own: its gradient is the share of that step. */
  copies: Tensor[];
  states: Tensor[];
  losses: Tensor[];
}

/** h_t = f(Wx x_t + Wh h_{t−1} + bh), J_t = −ln softmax(Wy h_t + by)[y_t], built from single ops. */
function unroll(c: BpttCase, precision: Precision): Unrolled {
  const { Wx, Wh, bh, Wy, by } = Object.fromEntries(
    Object.entries(c.params).map(([name, t]) => [name, toTensor(t, precision)]),
  );
  const x = toTensor(c.inputs.x, precision);
  const copies = Array.from({ length: c.T }, () =>
    fromData(Wh.data.slice(), Wh.shape, { requiresGrad: true }),
  );
  const states: Tensor[] = [];
  const losses: Tensor[] = [];
  let h = toTensor(c.inputs.h0, precision);
  copies.forEach((W, t) => {
    h = ops[c.nonlinearity](Wx.matmul(x.select(0, t)).add(W.matmul(h)).add(bh)).retainGrad();
    states.push(h);
    losses.push(ops.crossEntropy(Wy.matmul(h).add(by), tensor(c.inputs.y[t], { dtype: "int32" })));
  });
  return { copies, states, losses };
}

/** The largest singular value of a square matrix, by power iteration on AᵀA. */
function spectralNorm(A: Tensor): number {
  let v = tensor(
    Array.from({ length: A.shape[1] }, (_, i) => 1 + 0.1 * i),
    { dtype: "float64" },
  );
  for (let i = 0; i < 2000; i++) {
    const next = A.t().matmul(A.matmul(v));
    v = next.div(next.square().sum().sqrt());
  }
  return A.matmul(v).square().sum().sqrt().item();
}

const frobenius = (values: ArrayLike<number>) => Math.sqrt(Array.from(values).reduce((s, v) => s + v * v, 0));

/** Fresh zeros of the shape of the golden array, in the precision. */
const zerosLike = (t: GoldenTensor) => ({ shape: t.shape, data: new Float64Array(valuesOf(t).length) });

describe("nn: golden back-propagation through time", () => {
  for (const c of loadCases<BpttCase>("bptt")) {
    const H = c.params.Wh.shape[0];

    for (const precision of precisions) {
      const tolerance = precision === "float64" ? 1e-9 : 1e-5;

      it(`${c.id}: states, losses and every share of dJ_t/dW_h in ${precision}`, () => {
        const { copies, states, losses } = unroll(c, precision);
        assertClose(ops.stack(states), c.h, precision, `${c.id} h`);
        const contrib = zerosLike(c.contrib);
        const perLoss = zerosLike(c.dJ_dWh);
        const total = zerosLike(c.dJtotal_dWh);
        losses.forEach((J, t) => {
          assertNumber(J.item(), c.J[t], tolerance, `${c.id} J_${t}`);
          for (const W of copies) W.zeroGrad();
          J.backward({ retainGraph: true });
          copies.forEach((W, i) => {
            const share = W.grad?.data ?? new Float64Array(H * H);
            contrib.data.set(share, (t * c.T + i) * H * H);
            share.forEach((v: number, k: number) => {
              perLoss.data[t * H * H + k] += v;
              total.data[k] += v;
            });
            if (i <= t) {
              const what = `${c.id} norm of share ${i} of J_${t}`;
              assertNumber(frobenius(share), c.contribNorm[t][i], tolerance, what);
            }
          });
        });
        assertClose(contrib, c.contrib, precision, `${c.id} shares`);
        assertClose(perLoss, c.dJ_dWh, precision, `${c.id} dJ_t/dWh`);
        assertClose(total, c.dJtotal_dWh, precision, `${c.id} dJ/dWh`);
      });

      it(`${c.id}: truncation to the last k uses in ${precision}`, () => {
        for (const [k, reference] of Object.entries(c.truncated)) {
          const { copies, losses } = unroll(c, precision);
          const sum = zerosLike(reference);
          losses.forEach((J, t) => {
            for (const W of copies) W.zeroGrad();
            J.backward({ retainGraph: true });
            for (let i = Math.max(0, t - Number(k) + 1); i <= t; i++) {
              copies[i].grad!.data.forEach((v: number, j: number) => {
                sum.data[j] += v;
              });
            }
          });
          assertClose(sum, reference, precision, `${c.id} truncated to ${k}`);
        }
      });

      it(`${c.id}: truncation by detaching the state k uses back gives the same in ${precision}`, () => {
        for (const [k, reference] of Object.entries(c.truncated)) {
          const sum = zerosLike(reference);
          const { states } = unroll(c, precision);
          for (let t = 0; t < c.T; t++) {
            const share = windowGradient(c, precision, states, t, Number(k));
            share.forEach((v, j) => {
              sum.data[j] += v;
            });
          }
          assertClose(sum, reference, precision, `${c.id} window of ${k}`);
        }
      });
    }

    it(`${c.id}: one shared W_h collects the sum of all shares`, () => {
      const { states } = unroll(c, "float64");
      const sum = zerosLike(c.dJtotal_dWh);
      for (let t = 0; t < c.T; t++) {
        windowGradient(c, "float64", states, t, c.T).forEach((v, j) => {
          sum.data[j] += v;
        });
      }
      assertClose(sum, c.dJtotal_dWh, "float64", c.id);
    });

    it(`${c.id}: spectral norms of ∂h_t/∂h_i, row by row through retainGrad`, () => {
      for (let t = 0; t < c.T; t++) {
        for (let i = 0; i <= t; i++) {
          const rows: Tensor[] = [];
          for (let r = 0; r < H; r++) {
            const { states } = unroll(c, "float64");
            states[t].select(0, r).backward();
            rows.push(states[i].grad!);
          }
          const norm = spectralNorm(ops.stack(rows));
          assertNumber(norm, c.jacobianSpectralNorm[t][i], 1e-8, `${c.id} ∂h_${t}/∂h_${i}`);
        }
      }
    });
  }
});

/** dJ_t/dW_h with one shared W_h over the last k steps, starting from the detached state before them. */
function windowGradient(c: BpttCase, precision: Precision, states: Tensor[], t: number, k: number): number[] {
  const W = toTensor(c.params.Wh, precision, true);
  const [Wx, bh, Wy, by] = (["Wx", "bh", "Wy", "by"] as const).map((n) => toTensor(c.params[n], precision));
  const x = toTensor(c.inputs.x, precision);
  const from = Math.max(0, t - k + 1);
  let h = from === 0 ? toTensor(c.inputs.h0, precision) : states[from - 1].detach();
  for (let i = from; i <= t; i++) {
    h = ops[c.nonlinearity](Wx.matmul(x.select(0, i)).add(W.matmul(h)).add(bh));
  }
  ops.crossEntropy(Wy.matmul(h).add(by), tensor(c.inputs.y[t], { dtype: "int32" })).backward();
  return Array.from(W.grad!.data);
}
