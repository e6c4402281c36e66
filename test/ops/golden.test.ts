import assert from "node:assert/strict";
import { ops, type Tensor } from "../golden/core.ts";
import { assertClose, type GoldenTensor, loadCases, precisions, toTensor } from "../golden/decode.ts";
import { type Attrs, callOp, calls } from "./dispatch.ts";

interface OpCase {
  id: string;
  op: string;
  tier?: "core" | "extra";
  kind?: "smooth" | "edge";
  attrs?: Attrs;
  inputs: GoldenTensor[];
  out: GoldenTensor | GoldenTensor[];
  gradOut?: GoldenTensor | (GoldenTensor | null)[];
  grads?: (GoldenTensor | null)[];
}

/** Extra ops of the golden files that the library does without: no layer and no lecture uses them. */
const leftOut = [
  "argmin",
  "cos",
  "cumsum",
  "elu",
  "expm1",
  "gelu",
  "leakyRelu",
  "log1p",
  "maxDim",
  "norm2",
  "prod",
  "reciprocal",
  "rsqrt",
  "sin",
  "topk",
];

const files = ["elementwise", "reduce", "matmul", "softmax", "shape", "edges"];
const cases = files.flatMap((file) => loadCases<OpCase>(`ops_${file}`).map((c) => ({ ...c, file })));
const asList = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

describe("ops: golden values", () => {
  it(`has every core op; left out of the extra ones: ${leftOut.join(", ")}`, () => {
    const missing = cases.filter((c) => !(c.op in calls));
    assert.deepEqual([...new Set(missing.map((c) => c.op))].sort(), leftOut);
    assert.deepEqual(
      missing.filter((c) => c.tier !== "extra"),
      [],
    );
    for (const op of leftOut) assert.ok(!(op in ops), `${op} exists: test it`);
  });

  const groups = new Map<string, typeof cases>();
  for (const c of cases) {
    const group = `${c.file} ${c.op}`;
    groups.set(group, [...(groups.get(group) ?? []), c]);
  }
  for (const [group, list] of groups) {
    if (!(list[0].op in calls)) continue;
    for (const precision of precisions) {
      it(`${group}: ${list.length} cases in ${precision}`, () => {
        for (const c of list) checkCase(c, precision);
      });
    }
  }
});

function checkCase(c: OpCase, precision: (typeof precisions)[number]): void {
  const inputs = c.inputs.map((t) => toTensor(t, precision, t.grad === true));
  const results = callOp(c.op, inputs, c.attrs);
  const references = asList(c.out);
  assert.equal(results.length, references.length, c.id);
  for (const [i, reference] of references.entries())
    assertClose(results[i], reference, precision, `${c.id} value ${i}`);
  if (!c.gradOut || !c.grads) return;
  let loss: Tensor | undefined;
  asList<GoldenTensor | null>(c.gradOut).forEach((dy, i) => {
    if (!dy) return;
    const part = results[i].mul(toTensor(dy, precision)).sum();
    loss = loss ? loss.add(part) : part;
  });
  loss?.backward();
  c.grads.forEach((reference, i) => {
    if (reference) assertClose(inputs[i].grad, reference, precision, `${c.id} gradient of input ${i}`);
    else assert.equal(inputs[i].grad, null, `${c.id}: input ${i} has no gradient`);
  });
}
