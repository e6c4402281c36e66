import assert from "node:assert/strict";
import { Generator, nn, type Tensor } from "../golden/core.ts";
import {
  assertClose,
  assertNumber,
  type GoldenTensor,
  loadCases,
  type Precision,
  precisions,
  toTensor,
} from "../golden/decode.ts";
import {
  fill,
  type GoldenWeights,
  makeSequence,
  type RecurrentConfig,
  runSequence,
  ways,
  weightNames,
} from "./golden.ts";

interface SequenceCase {
  id: string;
  module: "RNN" | "LSTM" | "GRU";
  config: RecurrentConfig;
  params: GoldenWeights[];
  lengths?: number[];
  inputs: { x: GoldenTensor; h0?: GoldenTensor; c0?: GoldenTensor };
  outputs: { output: GoldenTensor; hn: GoldenTensor; cn?: GoldenTensor };
  gradOut: { output: GoldenTensor; hn: GoldenTensor; cn?: GoldenTensor };
  loss: number;
  grads: { x: GoldenTensor; h0?: GoldenTensor; c0?: GoldenTensor; params: GoldenWeights[] };
}

interface CellCase {
  id: string;
  module: "RNNCell" | "LSTMCell" | "GRUCell";
  config: RecurrentConfig;
  params: Omit<GoldenWeights, "layer" | "direction">;
  inputs: { x: GoldenTensor; h: GoldenTensor; c?: GoldenTensor };
  outputs: { h: GoldenTensor; c?: GoldenTensor };
  gradOut: { h: GoldenTensor; c?: GoldenTensor };
  grads: { x: GoldenTensor; h: GoldenTensor; c?: GoldenTensor; params: CellCase["params"] };
}

const weighted = (y: Tensor, dy: GoldenTensor, precision: Precision) => y.mul(toTensor(dy, precision)).sum();

function checkSequence(c: SequenceCase, precision: Precision): void {
  const layer = makeSequence(c.module, c.config, c.params, precision);
  const x = toTensor(c.inputs.x, precision, true);
  const states = [c.inputs.h0, c.inputs.c0].flatMap((t) => (t ? [toTensor(t, precision, true)] : []));
  const [output, finals] = runSequence(layer, x, states.length > 0 ? states : undefined, c.lengths);
  assertClose(output, c.outputs.output, precision, `${c.id} output`);
  assertClose(finals[0], c.outputs.hn, precision, `${c.id} hn`);
  let loss = weighted(output, c.gradOut.output, precision).add(weighted(finals[0], c.gradOut.hn, precision));
  if (c.outputs.cn && c.gradOut.cn) {
    assertClose(finals[1], c.outputs.cn, precision, `${c.id} cn`);
    loss = loss.add(weighted(finals[1], c.gradOut.cn, precision));
  }
  assertNumber(loss.item(), c.loss, precision === "float64" ? 1e-9 : 5e-6, `${c.id} loss`);

  loss.backward();
  assertClose(x.grad, c.grads.x, precision, `${c.id} gradient of x`);
  if (c.grads.h0) assertClose(states[0].grad, c.grads.h0, precision, `${c.id} gradient of h0`);
  if (c.grads.c0) assertClose(states[1].grad, c.grads.c0, precision, `${c.id} gradient of c0`);
  for (const golden of c.grads.params) {
    const own = layer.weights(golden.layer, golden.direction);
    for (const name of weightNames) {
      const what = `${c.id} gradient of ${name}, layer ${golden.layer}, direction ${golden.direction}`;
      if (golden[name]) assertClose(own[name]?.grad, golden[name], precision, what);
    }
  }
}

function checkCell(c: CellCase, precision: Precision): void {
  const { inputSize, hiddenSize, ...options } = c.config;
  const make = { ...options, dtype: precision, generator: new Generator(0) };
  const x = toTensor(c.inputs.x, precision, true);
  const h = toTensor(c.inputs.h, precision, true);
  const cState = c.inputs.c && toTensor(c.inputs.c, precision, true);
  const cell = new nn[c.module](inputSize, hiddenSize, make);
  for (const name of weightNames) if (c.params[name]) fill(cell[name]!, c.params[name]);
  const results =
    cell instanceof nn.LSTMCell
      ? cell.forward(x, [h, cState!])
      : [(cell as nn.RNNCell | nn.GRUCell).forward(x, h)];
  assertClose(results[0], c.outputs.h, precision, `${c.id} h`);
  let loss = weighted(results[0], c.gradOut.h, precision);
  if (c.outputs.c && c.gradOut.c) {
    assertClose(results[1], c.outputs.c, precision, `${c.id} c`);
    loss = loss.add(weighted(results[1]!, c.gradOut.c, precision));
  }
  loss.backward();
  assertClose(x.grad, c.grads.x, precision, `${c.id} gradient of x`);
  assertClose(h.grad, c.grads.h, precision, `${c.id} gradient of h`);
  if (c.grads.c) assertClose(cState?.grad, c.grads.c, precision, `${c.id} gradient of c`);
  for (const name of weightNames) {
    if (c.grads.params[name]) {
      assertClose(cell[name]?.grad, c.grads.params[name], precision, `${c.id} gradient of ${name}`);
    }
  }
}

describe("nn: golden recurrent layers", () => {
  const sequences = [...loadCases<SequenceCase>("rnn"), ...loadCases<SequenceCase>("rnn_varlen")];
  const others = loadCases<SequenceCase | CellCase>("rnn_cells_cho");
  const cho = others.filter((c): c is SequenceCase => !c.module.endsWith("Cell"));
  const cells = others.filter((c): c is CellCase => c.module.endsWith("Cell"));
  it("the golden files hold what is listed here", () => {
    assert.deepEqual([sequences.length, cho.length, cells.length], [14, 1, 3]);
    assert.equal(cho[0].config.resetAfter, false);
  });
  for (const precision of precisions) {
    for (const { fused, how } of ways) {
      const title = ({ id }: { id: string }) => `${id} in ${precision}, ${how}`;
      for (const c of [...sequences, ...cho]) {
        it(title(c), () => checkSequence({ ...c, config: { ...c.config, fused } }, precision));
      }
      for (const c of cells) {
        it(title(c), () => checkCell({ ...c, config: { ...c.config, fused } }, precision));
      }
    }
  }
});
