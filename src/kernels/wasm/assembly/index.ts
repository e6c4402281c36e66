// What the module exports. All arguments are numbers; blocks are named by element (`memory.ts`).
export { gemm, scratchLength, useScratch } from "./gemm";
export { pack, panels } from "./pack";
export { exp, fill, relu, scale, sigmoid, tanh } from "./maps";
export { reluBackward, sigmoidBackward, tanhBackward } from "./rnn";
export { addBias, addColumnSums, addScaled, gatherColumns, gatherRows, scatterAddColumns, scatterAddRows } from "./rows";
export { sumOfSquares } from "./sums";
export { lstmBackward, lstmForward } from "./lstm";
export { gruBackward, gruForward } from "./gru";
export { softmaxCrossEntropy } from "./softmax";
export { adagrad, adam, rmsprop, sgd, sgdMomentum } from "./optimizers";
