import assert from "node:assert/strict";
import { fromData, optim, type Tensor } from "../golden/core.ts";
import {
  assertClose,
  assertNumber,
  type GoldenTensor,
  loadCases,
  type Precision,
  precisions,
  toTensor,
} from "../golden/decode.ts";

interface OptimCase {
  id: string;
  optimizer: "SGD" | "Adagrad" | "RMSprop" | "Adam" | "AdamW";
  options: { lr: number };
  groupOverrides?: Record<string, object>;
  params: GoldenTensor[];
  grads?: (GoldenTensor | null)[][];
  closedLoop?: { target: GoldenTensor[]; weight: GoldenTensor[] };
  losses?: number[];
  paramsAfter: GoldenTensor[][];
}

interface ClipCase {
  id: string;
  kind: "clipGradNorm" | "clipGradValue";
  maxNorm: number;
  clipValue: number;
  normType: number | "inf";
  totalNorm: number;
  grads: GoldenTensor[];
  gradsAfter: GoldenTensor[];
}

interface ScheduleCase {
  id: string;
  schedule: "StepLR" | "ExponentialLR" | "CosineAnnealingLR" | "ReduceLROnPlateau";
  baseLr: number;
  options: never;
  lrs: number[];
  metrics?: number[];
}

/** Σ_i Σ ½ w_i (p_i − target_i)² + ¼ p_i⁴. */
function closedLoss(params: Tensor[], target: Tensor[], weight: Tensor[]): Tensor {
  const terms = params.map((p, i) =>
    p.sub(target[i]).square().mul(weight[i]).mul(0.5).add(p.square().square().mul(0.25)).sum(),
  );
  return terms.reduce((sum, term) => sum.add(term));
}

function checkOptimizer(c: OptimCase, precision: Precision, fused: boolean): void {
  const params = c.params.map((t) => toTensor(t, precision, true));
  const groups = params.map((p, i) => ({ params: [p], ...c.groupOverrides?.[String(i)] }));
  const optimizer = new optim[c.optimizer](c.groupOverrides ? groups : params, c.options);
  optimizer.fused = fused;
  const target = c.closedLoop?.target.map((t) => toTensor(t, precision)) ?? [];
  const weight = c.closedLoop?.weight.map((t) => toTensor(t, precision)) ?? [];
  c.paramsAfter.forEach((after, step) => {
    optimizer.zeroGrad();
    if (c.closedLoop) {
      const loss = closedLoss(params, target, weight);
      const tolerance = precision === "float64" ? 1e-9 : 1e-5;
      assertNumber(loss.item(), c.losses![step], tolerance, `${c.id} loss before step ${step}`);
      loss.backward();
    } else {
      params.forEach((p, i) => {
        const grad = c.grads![step][i];
        p.grad = grad && toTensor(grad, precision);
      });
    }
    optimizer.step();
    for (const [i, p] of params.entries())
      assertClose(p, after[i], precision, `${c.id} parameter ${i} after step ${step}`);
  });
}

describe("optim: golden values", () => {
  for (const precision of precisions) {
    for (const c of loadCases<OptimCase>("optim")) {
      it(`${c.id}: 10 steps in ${precision}, by the engine`, () => checkOptimizer(c, precision, true));
      it(`${c.id}: 10 steps in ${precision}, by the loops`, () => checkOptimizer(c, precision, false));
    }
    for (const c of loadCases<ClipCase>("clip")) {
      it(`${c.id} in ${precision}`, () => {
        const params = c.grads.map((t) => {
          const p = fromData(new Float32Array(0), [0]);
          p.grad = toTensor(t, precision);
          return p;
        });
        const kept = params.map((p) => p.grad!.data.slice());
        const before = params.map((p) => p.grad!);
        if (c.kind === "clipGradValue") optim.clipGradValue(params, c.clipValue);
        else {
          const normType = c.normType === "inf" ? Infinity : c.normType;
          const norm = optim.clipGradNorm(params, c.maxNorm, { normType });
          assertNumber(norm, c.totalNorm, precision === "float64" ? 1e-12 : 1e-6, `${c.id} norm`);
        }
        for (const [i, p] of params.entries())
          assertClose(p.grad, c.gradsAfter[i], precision, `${c.id} gradient ${i}`);
        for (const [i, grad] of before.entries())
          assert.deepEqual(grad.data, kept[i], "a gradient that was kept is unchanged");
      });
    }
  }
  for (const c of loadCases<ScheduleCase>("schedules")) {
    it(`${c.id}: ${c.lrs.length} learning rates`, () => {
      const p = fromData(new Float64Array(1), [1], { requiresGrad: true });
      const optimizer = new optim.SGD([p], { lr: c.baseLr });
      const schedule = new optim[c.schedule](optimizer, c.options);
      c.lrs.forEach((lr, step) => {
        const off = Math.abs(optimizer.lr - lr);
        assert.ok(off <= 1e-9 * lr + 1e-15, `${c.id}: ${optimizer.lr} before step ${step}, not ${lr}`);
        if (step < c.lrs.length - 1) schedule.step(c.metrics?.[step]);
      });
    });
  }
});
