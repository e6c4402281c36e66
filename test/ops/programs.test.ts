import assert from "node:assert/strict";
import { ops, type Tensor } from "../golden/core.ts";
import {
  assertClose,
  assertNumber,
  type GoldenTensor,
  loadCases,
  precisions,
  toTensor,
} from "../golden/decode.ts";
import { type Attrs, callOp } from "./dispatch.ts";

interface Program {
  id: string;
  leaves: GoldenTensor[];
  steps: { op: string; args: string[]; attrs?: Attrs }[];
  lossOf: string[];
  result: GoldenTensor;
  loss: number;
  lossE32: number;
  grads: (GoldenTensor | null)[];
}

describe("ops: golden programs", () => {
  const programs = loadCases<Program>("programs");
  for (const precision of precisions) {
    it(`${programs.length} random graphs give PyTorch's values and gradients in ${precision}`, () => {
      for (const program of programs) {
        const leaves = program.leaves.map((t) => toTensor(t, precision, true));
        const values = new Map<string, Tensor>(leaves.map((x, i) => [`v${i}`, x]));
        let last = leaves[0];
        for (const { op, args, attrs } of program.steps) {
          [last] = callOp(
            op,
            args.map((name) => values.get(name)!),
            attrs,
          );
          values.set(`v${values.size}`, last);
        }
        assertClose(last, program.result, precision, `${program.id} result`);

        const terms = program.lossOf.map((name) => ops.mean(ops.square(values.get(name)!)));
        const loss = terms.reduce((sum, term) => sum.add(term));
        const tolerance = precision === "float64" ? 1e-9 : 8 * program.lossE32 + 5e-6;
        assertNumber(loss.item(), program.loss, tolerance, `${program.id} loss`);

        loss.backward();
        program.grads.forEach((reference, i) => {
          if (reference) assertClose(leaves[i].grad, reference, precision, `${program.id} leaf ${i}`);
          else assert.equal(leaves[i].grad, null, `${program.id}: leaf ${i} does not reach the loss`);
        });
      }
    });
  }
});
