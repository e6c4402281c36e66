import { Generator, ids, nn, noGrad, ones, ops, type Tensor, tensor } from "../../../src/index.ts";

// nn.Linear
{
  const layer = new nn.Linear(3, 2, { generator: new Generator(1) });
  layer.weight.shape; // [ 2, 3 ]
  layer.forward(ones([5, 3])).shape; // [ 5, 2 ]
}

// nn.Embedding
{
  const table = new nn.Embedding(100, 16, { generator: new Generator(1) });
  table.forward(ids([[3, 1, 4]])).shape; // [ 1, 3, 16 ]
  nn.Embedding.fromPretrained(tensor([[1, 2], [3, 4]])).forward(ids([1])); // tensor([[3, 4]], shape [1,2])
}

// nn.Dropout
{
  const dropout = new nn.Dropout(0.5, { generator: new Generator(1) });
  [...dropout.forward(ones([4])).data].every((x) => x === 0 || x === 2); // true
  dropout.eval();
  dropout.forward(ones([4])); // tensor([1, 1, 1, 1], shape [4])
}

// nn.LayerNorm
{
  new nn.LayerNorm(3).forward(tensor([[1, 2, 3]])); // tensor([[-1.2247,       0,  1.2247]], shape [1,3], from add)
}

// nn.RNN nn.GRU
{
  const rnn = new nn.RNN(8, 16, { generator: new Generator(1), nonlinearity: "tanh" });
  const [output, h] = rnn.forward(ones([35, 20, 8])); // [T, B, in]
  output.shape; // [ 35, 20, 16 ]
  h.shape; // [ 1, 20, 16 ]
  const gru = new nn.GRU(8, 16, { generator: new Generator(1), numLayers: 2, bidirectional: true });
  gru.forward(ones([35, 20, 8]))[0].shape; // [ 35, 20, 32 ]
}

// nn.LSTM
{
  const lstm = new nn.LSTM(8, 16, { generator: new Generator(1) }).setForgetBias(1);
  const [output, [h, c]] = lstm.forward(ones([35, 20, 8]));
  output.shape; // [ 35, 20, 16 ]
  [h.shape, c.shape]; // [ [ 1, 20, 16 ], [ 1, 20, 16 ] ]
}

// nn.RecurrentModule
{
  const layer: nn.RecurrentModule<Tensor> = new nn.GRU(4, 6, { generator: new Generator(1) });
  layer.weights(0).weightHh.shape; // [ 18, 6 ]
}

// nn.RNNCell nn.GRUCell
{
  const cell = new nn.GRUCell(4, 6, { generator: new Generator(1) });
  let h: Tensor | null = null;
  for (const x of ops.unbind(ones([3, 2, 4]))) h = cell.forward(x, h);
  h?.shape; // [ 2, 6 ]
}

// nn.LSTMCell
{
  const cell = new nn.LSTMCell(4, 6, { generator: new Generator(1) });
  const [h, c] = cell.forward(ones([2, 4]));
  [h.shape, c.shape]; // [ [ 2, 6 ], [ 2, 6 ] ]
}

// nn.linearCrossEntropy
{
  const [h, weight] = [ones([2, 3]), ones([5, 3])];
  nn.linearCrossEntropy(h, weight, null, ids([0, 4])); // tensor(1.6094)
}

// nn.Module nn.Parameter
{
  class Twice extends nn.Module {
    readonly layer = new nn.Linear(2, 2, { generator: new Generator(1) });
    readonly scale = nn.init.parameter([1], nn.init.constant(2));
    forward(x: Tensor): Tensor {
      return this.layer.forward(x).mul(this.scale);
    }
  }
  const model = new Twice();
  [...model.namedParameters().keys()]; // [ 'layer.weight', 'layer.bias', 'scale' ]
  model.scale instanceof nn.Parameter; // true
  model.loadStateDict(model.stateDict());
  model.forward(ones([1, 2])).shape; // [ 1, 2 ]
}

// nn.init.parameter nn.init.constant
{
  nn.init.parameter([2, 2], nn.init.constant(0.5)); // tensor([[0.5, 0.5], [0.5, 0.5]], shape [2,2], requiresGrad)
}

// nn.init.uniform nn.init.normal nn.init.xavierUniform nn.init.xavierNormal nn.init.orthogonal
{
  const generator = new Generator(1);
  const layer = new nn.Linear(64, 64, { generator });
  for (const fill of [
    nn.init.uniform(generator, 0.1),
    nn.init.normal(generator, 0.02),
    nn.init.xavierUniform(generator),
    nn.init.xavierNormal(generator),
  ]) {
    fill(layer.weight);
  }
  nn.init.orthogonal(generator)(layer.weight);
  const { weight } = layer;
  const gram = noGrad(() => weight.matmul(weight.transpose(0, 1)));
  Math.abs(gram.data[0] - 1) < 1e-5; // true
}
