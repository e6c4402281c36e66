import { Generator, lm, optim, type Tensor, text } from "../../../src/index.ts";

// lm.NGramLM lm.NGramCounts
{
  const sentences = ["the cat sat", "the cat ran"].map((line) => line.split(" "));
  const counts = lm.NGramCounts.of(sentences, { order: 2 });
  const model = new lm.NGramLM(counts, { smoothing: { kind: "mle" } });
  Math.exp(model.logProb(["the"], "cat")); // 1
  Math.exp(model.logProb(["the", "cat"], "sat")); // 0.5
}

// lm.RecurrentLM lm.train lm.History lm.Generation
{
  const corpus = text.corpusFromText("the cat sat on the mat. ".repeat(50), { name: "cats" });
  const model = new lm.RecurrentLM({ corpus, cell: "gru", embeddingSize: 8, hiddenSize: 32, seed: 1 });
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.02 });
  const history = await lm.train(model, corpus, {
    optimizer,
    epochs: 10,
    batchSize: 4,
    bptt: 12,
    clipNorm: 1,
    progress: false,
  });
  history instanceof lm.History; // true
  history.epochs[9].trainLoss < 0.2; // true
  const generation = model.generate({ prompt: "the ", length: 7, greedy: true });
  generation instanceof lm.Generation; // true
  generation.text; // 'the cat sat'
}

// lm.FixedWindowLM lm.NeuralLM
{
  const corpus = text.corpusFromText("the cat sat on the mat. ", { name: "cats" });
  const model: lm.NeuralLM = new lm.FixedWindowLM({ corpus, window: 3, hiddenSize: 8, seed: 1 });
  model.distribution("the").reduce((sum, p) => sum + p, 0); // 1
  model.parameterCount(); // 667
}

// lm.Hypothesis
{
  const model = new lm.NGramLM([[..."abab"], [..."abb"]], { order: 2, smoothing: { kind: "mle" } });
  const [best] = model.beam({ width: 3, length: 6 });
  best instanceof lm.Hypothesis; // true
  best.tokens; // [ 'a', 'b', '</s>' ]
}

// lm.Evaluation
{
  const model = new lm.NGramLM([[..."abab"]], { order: 1, smoothing: { kind: "addK", k: 1 } });
  const evaluation = model.evaluate([[..."ab"]]);
  evaluation instanceof lm.Evaluation; // true
  evaluation.perplexity; // 3.0526
  lm.Evaluation.merge([evaluation, evaluation]).tokens; // 6
}

// lm.RecurrentState
{
  const corpus = text.corpusFromText("abcabc", { split: { fractions: [1, 0] } });
  const model = new lm.RecurrentLM({ corpus, cell: "lstm", hiddenSize: 4, seed: 1 });
  const reading = model.advance(model.initialState(), 0);
  reading?.state instanceof lm.RecurrentState; // true
  reading?.state.tensors.map((x: Tensor) => x.shape); // [ [ 1, 1, 4 ], [ 1, 1, 4 ] ]
}

// lm.save lm.load lm.saveTensors lm.loadTensors
{
  const corpus = text.corpusFromText("abcabc", { split: { fractions: [1, 0] } });
  const model = new lm.RecurrentLM({ corpus, hiddenSize: 4, seed: 1 });
  lm.save("model.safetensors", { model });
  lm.load("model.safetensors").model.config["hiddenSize"]; // 4
  lm.saveTensors("weights.safetensors", model.stateDict()); // for PyTorch, under its names
  [...lm.loadTensors("weights.safetensors").keys()].slice(0, 2); // [ 'embedding.weight', 'rnn.weight_ih_l0' ]
}

// lm.decodeCheckpoint
{
  // In a page: const bytes = new Uint8Array(await (await fetch("model.safetensors")).arrayBuffer());
  try {
    lm.decodeCheckpoint(new Uint8Array(4), "model.safetensors");
  } catch (error) {
    (error as Error).message; // 'model.safetensors: not a valid safetensors file: 4 bytes are too few for a header'
  }
}

// lm.toOnnx lm.saveOnnx
{
  const corpus = text.corpusFromText("abcabc", { split: { fractions: [1, 0] } });
  const model = new lm.RecurrentLM({ corpus, hiddenSize: 4, seed: 1 });
  lm.toOnnx(model).length > 500; // true
  lm.saveOnnx("model.onnx", model);
}

// lm.DivergenceError
{
  const corpus = text.corpusFromText("abcabcabc".repeat(9), { split: { fractions: [1, 0] } });
  const model = new lm.RecurrentLM({ corpus, nonlinearity: "relu", hiddenSize: 8, seed: 1 });
  const optimizer = new optim.SGD(model.parameters(), { lr: 1e30 });
  const options = { optimizer, epochs: 3, batchSize: 2, bptt: 4, progress: false };
  const error = await lm.train(model, corpus, options).catch((reason: unknown) => reason);
  error instanceof lm.DivergenceError; // true
}

// lm.applyTemperature lm.keepTopK lm.keepTopP lm.normalizeLogProbs
{
  const logProbs = [0.5, 0.3, 0.2].map(Math.log);
  const shares = (values: Float64Array) => [...values].map(Math.exp);
  shares(lm.applyTemperature(logProbs, 0.5)); // [ 0.65789, 0.23684, 0.10526 ]
  shares(lm.keepTopK(logProbs, 2)); // [ 0.625, 0.375, 0 ]
  shares(lm.keepTopP(logProbs, 0.5)); // [ 1, 0, 0 ]
  shares(lm.normalizeLogProbs([0, 0])); // [ 0.5, 0.5 ]
}

// lm.samplingLogProbs lm.sampleToken lm.argmax lm.rankTokens lm.logSumExp
{
  const logProbs = [0.2, 0.5, 0.3].map(Math.log);
  [...lm.samplingLogProbs(logProbs, { temperature: 1, topK: 1 })].map(Math.exp); // [ 0, 1, 0 ]
  lm.sampleToken(logProbs, { greedy: true }, undefined); // 1
  lm.sampleToken(logProbs, {}, new Generator(1)) < 3; // true
  lm.argmax(logProbs); // 1
  lm.rankTokens(logProbs, 2); // [ 1, 2 ]
  Math.abs(lm.logSumExp(logProbs)) < 1e-12; // true
}

// lm.EncoderDecoder
{
  const source = text.Vocabulary.fromTokens("abc");
  const target = text.Vocabulary.fromTokens(["<s>", "</s>", ..."xyz"]);
  const model = new lm.EncoderDecoder({ source, target, embeddingSize: 8, hiddenSize: 16, seed: 1 });
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.03 });
  const sources = ["ab", "cab", "c"].map((word) => source.encode(word));
  const targets = ["yx", "yxz", "z"].map((word) => target.encode(word)); // turned around, in other letters
  for (let step = 0; step < 60; step++) {
    optimizer.zeroGrad();
    model.loss(sources, targets).backward();
    optimizer.step();
  }
  model.greedy(sources).map((ids) => target.decode(ids).join("")); // [ 'yx', 'yxz', 'z' ]
}
