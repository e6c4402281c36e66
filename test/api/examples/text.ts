import { Generator, text } from "../../../src/index.ts";

// text.loadCorpus text.Corpus
{
  const corpus = text.loadCorpus("harbour");
  corpus instanceof text.Corpus; // true
  corpus.vocabulary.size; // 63
  corpus.vocabulary.decode(corpus.train.slice(0, 12)).join(""); // 'Chapter One:'
}

// text.corpusFromText
{
  const corpus = text.corpusFromText("hello world", { level: "char", split: { fractions: [1, 0] } });
  corpus.vocabulary.tokens.join(""); // ' dehlorw'
  corpus.train.length; // 11
}

// text.Vocabulary
{
  const v = text.Vocabulary.from("hello");
  v.tokens.join(""); // 'ehlo'
  [...v.encode("hole")]; // [ 1, 3, 2, 0 ]
  v.decode([1, 0]).join(""); // 'he'
}

// text.characters text.words text.tokenizerFor
{
  text.characters.tokenize("né"); // [ 'n', 'é' ]
  text.words.tokenize("the cat sat"); // [ 'the', 'cat', 'sat' ]
  text.tokenizerFor("word", "<eos>").tokenize("the cat\nsat\n"); // [ 'the', 'cat', '<eos>', 'sat', '<eos>' ]
}

// text.syllables text.jamo
{
  text.syllables.tokenize("한국어"); // [ '한', '국', '어' ]
  text.jamo.tokenize("한").length; // 3
  text.jamo.detokenize(text.jamo.tokenize("한")); // '한'
}

// text.lines text.lineWords
{
  text.lines(text.characters, ".").tokenize("ab\nc"); // [ 'a', 'b', '.', 'c', '.' ]
  text.lineWords("<eos>").tokenize(" the  cat \n"); // [ 'the', 'cat', '<eos>' ]
}

// text.decodeUtf8
{
  text.decodeUtf8(new Uint8Array([0xed, 0x95, 0x9c])); // '한'
}

// text.readText
{
  try {
    text.readText("no-such-file.txt");
  } catch (error) {
    (error as Error).message; // 'no-such-file.txt: no such file; give the path of one that is there'
  }
}

// text.compareCodePoints text.countCodePoints
{
  ["b", "𝄞", "a"].sort(text.compareCodePoints); // [ 'a', 'b', '𝄞' ]
  text.countCodePoints("𝄞a"); // 2
}

// text.splitText
{
  text.splitText("aaaabbbbcc", { fractions: [0.8, 0.1, 0.1], by: "character" }); // [ 'aaaabbbb', 'c', 'c' ]
}

// text.splitSentences
{
  text.splitSentences(Int32Array.of(5, 6, 0, 7, 0), 0).map((sentence) => [...sentence]); // [ [ 5, 6 ], [ 7 ] ]
}

// text.Streams
{
  const streams = new text.Streams({ ids: [0, 1, 2, 3, 4, 5, 6, 7, 8], batchSize: 2, bptt: 2 });
  const { x, y, shape, reset } = streams.next();
  [[...x], [...y], shape, reset]; // [ [ 0, 4, 1, 5 ], [ 1, 5, 2, 6 ], [ 2, 2 ], true ]
}

// text.evaluationBatches
{
  const batches = text.evaluationBatches({ ids: [0, 1, 2, 3, 4, 5, 6], batchSize: 1, bptt: 4 });
  [...batches].map(({ targets }) => targets); // [ 4, 2 ]
}

// text.Windows
{
  const windows = new text.Windows({
    ids: [0, 1, 2, 3, 4],
    context: 2,
    batchSize: 8,
    generator: new Generator(1),
  });
  const { shape, y } = windows.next();
  [shape, [...y].sort()]; // [ [ 3, 2 ], [ 2, 3, 4 ] ]
}

// text.padSequences text.IGNORE
{
  const { ids, lengths } = text.padSequences([[1, 2, 3], [4]], { padding: 0, batchFirst: true });
  [[...ids], [...lengths]]; // [ [ 1, 2, 3, 4, 0, 0 ], [ 3, 1 ] ]
  text.IGNORE; // -100
}

// text.sentenceBatches
{
  const [batch] = text.sentenceBatches({ sentences: [[5, 6], [7]], batchSize: 2, begin: 0, end: 1 });
  [batch.shape, batch.targets]; // [ [ 3, 2 ], 5 ]
}

// text.transposeIds
{
  [...text.transposeIds([1, 2, 3, 4, 5, 6], [2, 3])]; // [ 1, 4, 2, 5, 3, 6 ]
}

// text.PythonRandom
{
  // The same order as Python's random.Random(42).shuffle.
  new text.PythonRandom(42).shuffle([0, 1, 2, 3, 4]); // [ 3, 1, 2, 4, 0 ]
}
