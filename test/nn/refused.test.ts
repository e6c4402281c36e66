import * as library from "../../src/index.ts";
import {
  ArgumentError,
  AutogradError,
  CheckpointError,
  DataError,
  IndexError,
  ShapeError,
} from "../../src/index.ts";
import { type Anything, assertAllRefused, type Refusal } from "../refusals.ts";

const given = library as unknown as Anything;
const { nn, Generator, ones, ids } = given;

const g = new Generator(1);
const o = { generator: g };

const refusals: Refusal[] = [
  [() => new nn.Linear(3, 4), ArgumentError, /^nn\.Linear:/],
  [() => new nn.Linear(3, 4, { ...o, dtype: "int32" }), ArgumentError, /^nn\.Linear: dtype/],
  [() => new nn.Linear(3, 4, { ...o, dtype: "float16" }), ArgumentError, /^nn\.Linear: dtype/],
  [
    () => new nn.Linear(3, 4, { ...o, biass: false }),
    ArgumentError,
    /^nn\.Linear: there is no option "biass"/,
  ],
  [() => new nn.Linear(0, 4, o), ArgumentError, /^nn\.Linear: inFeatures/],
  [() => new nn.Linear("3", 4, o), ArgumentError, /^nn\.Linear: inFeatures/],
  [() => new nn.Linear(3, 4, o).forward(ones([2, 2])), ShapeError, /^linear:/],
  [() => new nn.Linear(3, 4, o).forward([1, 2, 3]), ArgumentError, /^linear: x/],
  [() => new nn.Linear(3, 4, o).forward(ids([1, 2, 3])), ArgumentError, /^linear: x/],
  [
    () => new nn.Linear(3, 4, o).forward(ones([3], { dtype: "float64" })),
    ArgumentError,
    /^linear: dtypes differ: float64 and float32/,
  ],
  [() => new nn.Embedding(3, 4, o).forward(ones([3])), ArgumentError, /^embedding: ids/],
  [() => new nn.Embedding(3, 4, o).forward([0]), ArgumentError, /^embedding: ids/],
  [() => new nn.Embedding(3, 4, o).forward(ids([3])), IndexError, /^embedding: id 3 at position 0/],
  [() => new nn.Embedding(3, 4, o).forward(ids([-1])), IndexError, /^embedding: id -1 at position 0/],
  [
    () => new nn.Embedding(3, 4, o).forward(ids([2 ** 31 - 1])),
    IndexError,
    /^embedding: id 2147483647 at position 0/,
  ],
  [() => new nn.Embedding(3, 4), ArgumentError, /^nn\.Embedding:/],
  [() => new nn.Embedding(3, 4, { ...o, paddingIdx: 3 }), ArgumentError, /^nn\.Embedding: paddingIdx/],
  [() => new nn.Embedding(1.5, 4, o), ArgumentError, /^nn\.Embedding: count/],
  [
    () => new nn.Embedding(3, 4, { ...o, padding: 1 }),
    ArgumentError,
    /^nn\.Embedding: there is no option "padding"/,
  ],
  [
    () => new nn.Embedding(3, 4, { weight: new nn.Embedding(2, 4, o).weight }),
    ShapeError,
    /^nn\.Embedding weight/,
  ],
  [() => nn.Embedding.fromPretrained(ones([3])), ShapeError, /^Embedding\.fromPretrained/],
  [() => nn.Embedding.fromPretrained([[1]]), ArgumentError, /^Embedding\.fromPretrained/],
  [() => new nn.Dropout(1, o), ArgumentError, /^nn\.Dropout: p/],
  [() => new nn.Dropout(-0.1, o), ArgumentError, /^nn\.Dropout: p/],
  [() => new nn.Dropout(NaN, o), ArgumentError, /^nn\.Dropout: p/],
  [() => new nn.Dropout(0.5), ArgumentError, /^nn\.Dropout:/],
  [() => new nn.Dropout(0.5, { generator: Math.random }), ArgumentError, /^nn\.Dropout:/],
  [() => new nn.Dropout(0.5, o).forward(3), ShapeError, /^a shape/],
  [() => new nn.Dropout(0.5, o).forward(ids([1, 2])), ArgumentError, /^mul: a/],
  [() => new nn.LayerNorm(0), ArgumentError, /^nn\.LayerNorm: a size/],
  [() => new nn.LayerNorm(-1), ArgumentError, /^nn\.LayerNorm: a size/],
  [() => new nn.LayerNorm([]), ShapeError, /^nn\.LayerNorm: give at least one size/],
  [() => new nn.LayerNorm(3, { eps: -1 }), ArgumentError, /^nn\.LayerNorm: eps/],
  [() => new nn.LayerNorm(3, { epsilon: 1 }), ArgumentError, /^nn\.LayerNorm: there is no option "epsilon"/],
  [
    () => new nn.LayerNorm(3).forward(ones([2])),
    ShapeError,
    /^layerNorm: the last dimensions of \[2\] must be \[3\]/,
  ],
  [() => new nn.LSTM(3, 4), ArgumentError, /^nn\.LSTM:/],
  [() => new nn.LSTM(3, 4, { ...o, layers: 2 }), ArgumentError, /^nn\.LSTM: there is no option "layers"/],
  [
    () => new nn.LSTM(3, 4, { ...o, batch_first: true }),
    ArgumentError,
    /^nn\.LSTM: there is no option "batch_first"/,
  ],
  [() => new nn.LSTM(3, 0, o), ArgumentError, /^nn\.LSTM: hiddenSize/],
  [() => new nn.LSTM(3, 4, { ...o, numLayers: 0 }), ArgumentError, /^nn\.LSTM: numLayers/],
  [() => new nn.LSTM(3, 4, { ...o, dropout: 1 }), ArgumentError, /^nn\.Dropout: p/],
  [() => new nn.LSTM(3, 4, { ...o, dtype: "int32" }), ArgumentError, /^nn\.LSTM: dtype/],
  [() => new nn.LSTM(3, 4, o).forward(ones([2, 3])), ShapeError, /^nn\.LSTM input/],
  [() => new nn.LSTM(3, 4, o).forward(), ArgumentError, /^nn\.LSTM input/],
  [() => new nn.LSTM(3, 4, o).forward([[[1, 2, 3]]]), ArgumentError, /^nn\.LSTM input/],
  [
    () => new nn.LSTM(3, 4, o).forward(ids([[[1, 2, 3]]])),
    ArgumentError,
    /^lstm: dtypes differ: int32 and float32/,
  ],
  [
    () => new nn.LSTM(3, 4, o).forward(ones([1, 1, 3], { dtype: "float64" })),
    ArgumentError,
    /^lstm: dtypes differ: float64 and float32/,
  ],
  [() => new nn.LSTM(3, 4, o).forward(ones([0, 2, 3])), ShapeError, /^nn\.LSTM: the sequence is empty/],
  [
    () => new nn.LSTM(3, 4, o).forward(ones([1, 1, 3]), ones([1, 1, 4])),
    ArgumentError,
    /^nn\.LSTM: the state has 2 tensors/,
  ],
  [
    () => new nn.LSTM(3, 4, o).forward(ones([1, 1, 3]), [ones([1, 1, 4]), ones([1, 1, 3])]),
    ShapeError,
    /^nn\.LSTM state/,
  ],
  [
    () =>
      new nn.LSTM(3, 4, o).forward(ones([1, 1, 3]), [ones([1, 1, 4], { dtype: "float64" }), ones([1, 1, 4])]),
    ArgumentError,
    /^lstm: dtypes differ: float64 and float32/,
  ],
  [() => new nn.LSTM(3, 4, o).forward(ones([1, 1, 3]), 5), ArgumentError, /^nn\.LSTM: the state/],
  [() => new nn.LSTM(3, 4, o).forward(ones([1, 1, 3]), [[1], [2]]), ArgumentError, /^nn\.LSTM state/],
  [
    () => new nn.LSTM(3, 4, o).forward(ones([2, 1, 3]), null, { lengths: [1, 2] }),
    ShapeError,
    /^nn\.LSTM: 2 lengths for a batch of 1/,
  ],
  [
    () => new nn.LSTM(3, 4, o).forward(ones([2, 1, 3]), null, { lengths: [0] }),
    ArgumentError,
    /^nn\.LSTM: a length/,
  ],
  [
    () => new nn.LSTM(3, 4, o).forward(ones([2, 1, 3]), null, { lengths: [3] }),
    ArgumentError,
    /^nn\.LSTM: a length/,
  ],
  [
    () => new nn.LSTM(3, 4, o).forward(ones([2, 1, 3]), null, { lengths: 2 }),
    ArgumentError,
    /^nn\.LSTM: lengths/,
  ],
  [
    () => new nn.LSTM(3, 4, o).forward(ones([2, 1, 3]), null, { length: [2] }),
    ArgumentError,
    /^nn\.LSTM\.forward: there is no option "length"/,
  ],
  [() => new nn.LSTM(3, 4, o).forwardIds(ids([0, 1]), null), ShapeError, /^nn\.LSTM input/],
  [() => new nn.LSTM(3, 4, o).forwardIds(ids([[3]]), null), IndexError, /^id 3 at position 0/],
  [() => new nn.LSTM(3, 4, o).forwardIds(ids([[1]]), ones([5, 2])), ShapeError, /^nn\.LSTM input/],
  [() => new nn.LSTM(3, 4, o).forwardIds(ids([[1]]), ones([5])), ShapeError, /^embedding: weight/],
  [() => new nn.LSTM(3, 4, o).forwardIds(ones([1, 1]), ones([5, 3])), ArgumentError, /^embedding: ids/],
  [
    () => new nn.LSTM(3, 4, { ...o, fused: false }).forwardIds(ones([1, 1]), null),
    ArgumentError,
    /^oneHot: ids/,
  ],
  [() => new nn.LSTM(3, 4, o).weights(1), ArgumentError, /^nn\.LSTM: there is no layer 1, direction 0/],
  [() => new nn.LSTM(3, 4, o).weights(0, 1), ArgumentError, /^nn\.LSTM: there is no layer 0, direction 1/],
  [
    () => new nn.LSTM(3, 4, { ...o, bias: false }).setForgetBias(1),
    ArgumentError,
    /^nn\.LSTM\.setForgetBias: this layer has no biases/,
  ],
  [() => new nn.LSTM(3, 4, o).setForgetBias(NaN), ArgumentError, /^nn\.LSTM\.setForgetBias: the value/],
  [() => new nn.LSTM(3, 4, o).setForgetBias(), ArgumentError, /^nn\.LSTM\.setForgetBias: the value/],
  [() => new nn.RNN(3, 4, { ...o, nonlinearity: "elu" }), ArgumentError, /^nn\.RNN: nonlinearity/],
  [() => new nn.RNN(3, 4, { ...o, nonlinearity: "constructor" }), ArgumentError, /^nn\.RNN: nonlinearity/],
  [() => new nn.RNN(3, 4), ArgumentError, /^nn\.RNN:/],
  [() => new nn.GRU(3, 4), ArgumentError, /^nn\.GRU:/],
  [
    () => new nn.GRU(3, 4, { ...o, nonlinearity: "relu" }),
    ArgumentError,
    /^nn\.GRU: there is no option "nonlinearity"/,
  ],
  [
    () => new nn.LSTM(3, 4, { ...o, nonlinearity: "relu" }),
    ArgumentError,
    /^nn\.LSTM: there is no option "nonlinearity"/,
  ],
  [() => new nn.GRUCell(3, 4), ArgumentError, /^nn\.GRUCell:/],
  [() => new nn.GRUCell(3, 4, o).forward(ones([3])), ShapeError, /^nn\.GRUCell input/],
  [() => new nn.GRUCell(3, 4, o).forward(ones([1, 3]), ones([1, 3])), ShapeError, /^nn\.GRUCell state/],
  [
    () => new nn.LSTMCell(3, 4, o).forward(ones([1, 3]), ones([1, 4])),
    ArgumentError,
    /^nn\.LSTMCell: the state has 2 tensors/,
  ],
  [
    () => new nn.LSTMCell(3, 4, { ...o, numLayers: 2 }),
    ArgumentError,
    /^nn\.LSTMCell: there is no option "numLayers"/,
  ],
  [() => new nn.RNNCell(3, 4, o).forward(ones([1, 2])), ShapeError, /^nn\.RNNCell input/],
  [() => new nn.RNNCell(3, 4, o).forward([[1, 2, 3]]), ArgumentError, /^nn\.RNNCell input/],
  [
    () => nn.linearCrossEntropy(ones([2, 3]), ones([4, 2]), null, ids([0, 1])),
    ShapeError,
    /^linearCrossEntropy: h \[2,3\] does not fit weight \[4,2\]/,
  ],
  [
    () => nn.linearCrossEntropy(ones([2, 3]), ones([4, 3]), null, ids([0, 4])),
    IndexError,
    /^linearCrossEntropy: target 4 at position 1/,
  ],
  [
    () => nn.linearCrossEntropy(ones([2, 3]), ones([4, 3]), null, ones([2])),
    ArgumentError,
    /^linearCrossEntropy: targets/,
  ],
  [
    () => nn.linearCrossEntropy(ones([2, 3]), ones([4, 3]), null, ids([-100, -100]), { ignoreIndex: -100 }),
    DataError,
    /^linearCrossEntropy: every target is ignored: there is no mean/,
  ],
  [
    () => nn.linearCrossEntropy(ones([2, 3]), ones([4, 3]), null, ids([0, 1]), { reduction: "avg" }),
    ArgumentError,
    /^linearCrossEntropy: reduction/,
  ],
  [
    () => nn.linearCrossEntropy([[1]], ones([4, 3]), null, ids([0, 1])),
    ArgumentError,
    /^linearCrossEntropy: h/,
  ],
  [
    () => nn.linearCrossEntropy(ones([2, 3]), ones([4, 3]), null, ids([0])),
    ShapeError,
    /^linearCrossEntropy: targets for h \[2,3\]/,
  ],
  [
    () => new nn.Linear(3, 4, o).loadStateDict({}),
    ArgumentError,
    /^loadStateDict: the state, as stateDict\(\) gives one,/,
  ],
  [
    () => new nn.Linear(3, 4, o).loadStateDict(new Map()),
    CheckpointError,
    /^loadStateDict: the state does not fit this Linear/,
  ],
  [
    () => new nn.Linear(3, 4, o).loadStateDict(),
    ArgumentError,
    /^loadStateDict: the state, as stateDict\(\) gives one,/,
  ],
  [
    () => new nn.Linear(3, 4, o).loadStateDict(new nn.Linear(4, 4, o).stateDict()),
    CheckpointError,
    /^loadStateDict: the state does not fit this Linear/,
  ],
  [
    () =>
      new nn.Linear(3, 4, o).loadStateDict(
        new Map([...new nn.Linear(3, 4, o).stateDict(), ["__proto__", ones([1])]]),
      ),
    CheckpointError,
    /^loadStateDict: the state does not fit this Linear/,
  ],
  [
    () => new nn.Linear(3, 1, { ...o, bias: false }).loadStateDict(new Map([["weight", [[1, 2, 3]]]])),
    CheckpointError,
    /^loadStateDict: the state does not fit this Linear/,
  ],
  [() => nn.init.xavierUniform(g)(new nn.Parameter(ones([3]).value)), ShapeError, /^init\.xavierUniform/],
  [() => nn.init.orthogonal(g)(new nn.Parameter(ones([3]).value)), ShapeError, /^init\.orthogonal/],
  [
    () => nn.init.xavierNormal()(new nn.Parameter(ones([3, 3]).value)),
    ArgumentError,
    /^init\.normal: the generator/,
  ],
  [() => nn.init.uniform(g)(new nn.Parameter(ones([3, 3]).value)), ArgumentError, /^init\.uniform: a bound/],
  [
    () => nn.init.uniform(g, NaN)(new nn.Parameter(ones([3, 3]).value)),
    ArgumentError,
    /^init\.uniform: a bound/,
  ],
  [() => nn.init.normal(g, -1)(new nn.Parameter(ones([3, 3]).value)), ArgumentError, /^init\.normal: std/],
  [
    () => nn.init.constant(NaN)(new nn.Parameter(ones([3, 3]).value)),
    ArgumentError,
    /^init\.constant: the value/,
  ],
  [
    () => nn.init.constant()(new nn.Parameter(ones([3, 3]).value)),
    ArgumentError,
    /^init\.constant: the value/,
  ],
  [
    () => new nn.Parameter(ids([1]).value),
    AutogradError,
    /^requiresGrad: int32 has no gradient: use float32/,
  ],
];

describe("nn: bad calls", () => {
  it(`${refusals.length} of them are refused, by name and with a remedy`, () => assertAllRefused(refusals));
});
