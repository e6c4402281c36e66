import { eye, ids, ones, ops, tensor } from "../../../src/index.ts";

// ops.add ops.sub ops.mul ops.div
{
  const a = tensor([[1, 2], [3, 4]]);
  ops.add(a, tensor([10, 20])); // tensor([[11, 22], [13, 24]], shape [2,2])
  ops.sub(a, 1); // tensor([[0, 1], [2, 3]], shape [2,2])
  ops.mul(a, a); // tensor([[ 1,  4], [ 9, 16]], shape [2,2])
  ops.div(1, a); // tensor([[      1,     0.5], [0.33333,    0.25]], shape [2,2])
}

// ops.pow ops.square ops.sqrt
{
  ops.pow(tensor([1, 2, 3]), 3); // tensor([ 1,  8, 27], shape [3])
  ops.square(tensor([-2, 3])); // tensor([4, 9], shape [2])
  ops.sqrt(tensor([4, 9])); // tensor([2, 3], shape [2])
}

// ops.neg ops.abs
{
  ops.neg(tensor([1, -2])); // tensor([-1,  2], shape [2])
  ops.abs(tensor([1, -2])); // tensor([1, 2], shape [2])
}

// ops.exp ops.log
{
  ops.log(ops.exp(tensor([0, 1]))); // tensor([0, 1], shape [2])
}

// ops.maximum ops.minimum
{
  ops.maximum(tensor([1, 5]), tensor([3, 2])); // tensor([3, 5], shape [2])
  ops.minimum(tensor([1, 5]), 2); // tensor([1, 2], shape [2])
}

// ops.clamp
{
  ops.clamp(tensor([-3, 0.5, 3]), { min: -1, max: 1 }); // tensor([ -1, 0.5,   1], shape [3])
}

// ops.relu ops.sigmoid ops.tanh ops.softplus ops.logSigmoid
{
  const x = tensor([-1, 0, 1]);
  ops.relu(x); // tensor([0, 0, 1], shape [3])
  ops.sigmoid(x); // tensor([0.26894,     0.5, 0.73106], shape [3])
  ops.tanh(x); // tensor([-0.76159,        0,  0.76159], shape [3])
  ops.softplus(x); // tensor([0.31326, 0.69315,  1.3133], shape [3])
  ops.logSigmoid(x); // tensor([ -1.3133, -0.69315, -0.31326], shape [3])
}

// ops.eq ops.ne ops.lt ops.le ops.gt ops.ge
{
  const [a, b] = [tensor([1, 2, 3]), tensor([3, 2, 1])];
  ops.eq(a, b); // tensor([0, 1, 0], shape [3], int32)
  ops.ne(a, b); // tensor([1, 0, 1], shape [3], int32)
  ops.lt(a, b); // tensor([1, 0, 0], shape [3], int32)
  ops.le(a, b); // tensor([1, 1, 0], shape [3], int32)
  ops.gt(a, b); // tensor([0, 0, 1], shape [3], int32)
  ops.ge(a, b); // tensor([0, 1, 1], shape [3], int32)
}

// ops.where ops.maskedFill
{
  const x = tensor([-1, 2, -3]);
  ops.where(ops.gt(x, 0), x, 0); // tensor([0, 2, 0], shape [3])
  ops.maskedFill(x, ops.lt(x, 0), -Infinity); // tensor([-Infinity,         2, -Infinity], shape [3])
}

// ops.sum ops.mean ops.amax ops.amin
{
  const x = tensor([[1, 2], [3, 4]]);
  ops.sum(x); // tensor(10)
  ops.sum(x, { dim: 0 }); // tensor([4, 6], shape [2])
  ops.mean(x, { dim: 1, keepdim: true }); // tensor([[1.5], [3.5]], shape [2,1])
  ops.amax(x, { dim: 1 }); // tensor([2, 4], shape [2])
  ops.amin(x); // tensor(1)
}

// ops.variance ops.std
{
  const x = tensor([1, 2, 3, 4]);
  ops.variance(x); // tensor(1.6667)
  ops.variance(x, { unbiased: false }); // tensor(1.25)
  ops.std(x); // tensor(1.291)
}

// ops.argmax
{
  ops.argmax(tensor([[1, 9], [8, 2]]), { dim: 1 }); // tensor([1, 0], shape [2], int32)
}

// ops.logsumexp ops.softmax ops.logSoftmax
{
  const logits = tensor([0, 0, Math.log(2)]);
  ops.logsumexp(logits); // tensor(1.3863)
  ops.softmax(logits, 0); // tensor([0.25, 0.25,  0.5], shape [3])
  ops.logSoftmax(tensor([1000, 1000]), 0); // tensor([-0.69315, -0.69315], shape [2])
}

// ops.layerNorm
{
  ops.layerNorm(tensor([[1, 2, 3]]), [3]); // tensor([[-1.2247,       0,  1.2247]], shape [1,3])
}

// ops.matmul ops.bmm ops.dot ops.outer
{
  const a = tensor([[1, 2], [3, 4]]);
  ops.matmul(a, eye(2)); // tensor([[1, 2], [3, 4]], shape [2,2])
  ops.bmm(ones([5, 2, 3]), ones([5, 3, 4])).shape; // [ 5, 2, 4 ]
  ops.dot(tensor([1, 2]), tensor([3, 4])); // tensor(11)
  ops.outer(tensor([1, 2]), tensor([3, 4])); // tensor([[3, 4], [6, 8]], shape [2,2])
}

// ops.linear
{
  const weight = tensor([[1, 2], [3, 4], [5, 6]]); // [out, in]
  ops.linear(tensor([[1, 1]]), weight, tensor([0, 0, 100])); // tensor([[  3,   7, 111]], shape [1,3])
}

// ops.reshape ops.flatten
{
  const x = ones([2, 3, 4]);
  ops.reshape(x, [6, -1]).shape; // [ 6, 4 ]
  ops.flatten(x, 1).shape; // [ 2, 12 ]
}

// ops.transpose ops.permute ops.flip
{
  const x = ones([2, 3, 4]);
  ops.transpose(x, 0, 2).shape; // [ 4, 3, 2 ]
  ops.permute(x, [2, 0, 1]).shape; // [ 4, 2, 3 ]
  ops.flip(tensor([1, 2, 3]), [0]); // tensor([3, 2, 1], shape [3])
}

// ops.expand ops.squeeze ops.unsqueeze
{
  ops.expand(tensor([[1], [2]]), [2, 3]); // tensor([[1, 1, 1], [2, 2, 2]], shape [2,3])
  ops.squeeze(ones([1, 3, 1])).shape; // [ 3 ]
  ops.unsqueeze(ones([3]), 0).shape; // [ 1, 3 ]
}

// ops.cat ops.stack
{
  const [a, b] = [tensor([1, 2]), tensor([3, 4])];
  ops.cat([a, b], 0); // tensor([1, 2, 3, 4], shape [4])
  ops.stack([a, b]); // tensor([[1, 2], [3, 4]], shape [2,2])
}

// ops.chunk ops.split ops.unbind
{
  const x = tensor([1, 2, 3, 4]);
  ops.chunk(x, 2).map((part) => part.toArray()); // [ [ 1, 2 ], [ 3, 4 ] ]
  ops.split(x, [1, 3]).map((part) => part.toArray()); // [ [ 1 ], [ 2, 3, 4 ] ]
  ops.unbind(tensor([[1, 2], [3, 4]])).map((row) => row.toArray()); // [ [ 1, 2 ], [ 3, 4 ] ]
}

// ops.slice ops.narrow ops.select
{
  const x = tensor([[1, 2, 3], [4, 5, 6]]);
  ops.slice(x, [[0, 1], [1, 3]]); // tensor([[2, 3]], shape [1,2])
  ops.narrow(x, 1, 1, 2); // tensor([[2, 3], [5, 6]], shape [2,2])
  ops.select(x, 0, 1); // tensor([4, 5, 6], shape [3])
}

// ops.gather ops.indexSelect
{
  const x = tensor([[1, 2, 3], [4, 5, 6]]);
  ops.gather(x, 1, ids([[2], [0]])); // tensor([[3], [4]], shape [2,1])
  ops.indexSelect(x, 1, ids([0, 2])); // tensor([[1, 3], [4, 6]], shape [2,2])
}

// ops.oneHot ops.embedding
{
  ops.oneHot(ids([2, 0]), 3); // tensor([[0, 0, 1], [1, 0, 0]], shape [2,3])
  ops.embedding(tensor([[1, 2], [3, 4], [5, 6]]), ids([2, 0])); // tensor([[5, 6], [1, 2]], shape [2,2])
}

// ops.crossEntropy ops.nllLoss
{
  const logits = tensor([[0, 0], [0, Math.log(3)]]);
  const targets = ids([0, 1]);
  ops.crossEntropy(logits, targets); // tensor(0.49041)
  ops.nllLoss(ops.logSoftmax(logits, 1), targets, { reduction: "none" }); // tensor([0.69315, 0.28768], shape [2])
}

// ops.mseLoss ops.l1Loss
{
  ops.mseLoss(tensor([1, 2]), tensor([1, 4])); // tensor(2)
  ops.l1Loss(tensor([1, 2]), tensor([1, 4]), { reduction: "sum" }); // tensor(2)
}

// ops.bceWithLogits
{
  ops.bceWithLogits(tensor([0, 2]), tensor([1, 1])); // tensor(0.41004)
}
