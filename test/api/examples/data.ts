import { data, Generator } from "../../../src/index.ts";

// data.reber data.StringSource data.OptimalModel data.optimalModel
{
  const source: data.StringSource = data.reber();
  source.sample(new Generator(1)).join(""); // 'BPTTTTTVVE'
  source.optimum.bits; // 0.85714
  const perfect = data.optimalModel(source);
  perfect instanceof data.OptimalModel; // true
  perfect.distribution(["B"]).reduce((sum, p) => sum + p, 0); // 1
}

// data.regret
{
  const source = data.reber();
  const strings = source.samples(50, new Generator(1));
  data.regret(data.optimalModel(source), source, strings).nats; // 0
}

// data.embeddedReber
{
  const string = data.embeddedReber().sample(new Generator(1));
  string[1] === string[string.length - 2]; // true
}

// data.anbn data.dyck data.allStrings
{
  data.anbn({ more: 0.5 }).sample(new Generator(2)).join(""); // 'aabb.'
  data.dyck({ kinds: 2 }).sample(new Generator(1)).join(""); // '.'
  const [[symbols, p]] = data.allStrings(data.anbn());
  [symbols.join(""), p]; // [ 'ab.', 0.5 ]
}

// data.elman data.stickyChain
{
  data.elman().stream(12, new Generator(1)).join(""); // 'diidiibabadi'
  data.stickyChain({ flip: 0.1 }).stream(12, new Generator(1)).join(""); // '111000111110'
}

// data.farCue data.combinations data.authors
{
  data.farCue({ distance: 9 }).sample(new Generator(1)).length; // 13
  data.combinations().pairs.length; // 36
  data.authors().accuracy > 0.5; // true
}

// data.copy data.adding data.temporalOrder
{
  const task = data.copy({ delay: 10 });
  const batch = task.batch(4, new Generator(1));
  batch.shape; // [ 30, 4 ]
  task.solve(batch).join() === batch.y.join(); // true
  data.adding({ length: 50 }).batch(4, new Generator(1)).shape; // [ 50, 4, 2 ]
  data.temporalOrder({ length: 50 }).outputs; // 4
}

// data.numberToWords data.wordsToNumber data.numberWords
{
  data.numberToWords(1207); // 'one thousand two hundred seven'
  data.numberToWords(1207, "ko"); // '천이백칠'
  data.wordsToNumber("one thousand two hundred seven"); // 1207
  data.numberWords({ max: 99 }).solve("42"); // 'forty-two'
}

// data.dates data.dialogue data.translation data.headlines data.PairTask
{
  for (const task of [data.dates(), data.dialogue(), data.translation(), data.headlines()]) {
    const { source, target } = task.sample(new Generator(1));
    if (task.solve(source) !== target) throw new Error(task.name);
  }
  const upper = new data.PairTask({
    name: "upper",
    about: "a letter in upper case",
    size: 26,
    pair: (i) => {
      const source = String.fromCharCode(97 + i);
      return { source, target: source.toUpperCase() };
    },
    solve: (source) => source.toUpperCase(),
  });
  upper.pair(2, new Generator(1)); // { source: 'c', target: 'C' }
}

// data.takesAn data.withArticle data.articleErrors
{
  [data.takesAn("hour"), data.withArticle("old boat")]; // [ true, 'an old boat' ]
  data.articleErrors("an apple and a pear", 1, new Generator(1)).target; // 'an apple and a pear'
}

// data.hasFinalConsonant data.withParticle data.PARTICLES data.particleSentences data.particleErrors
{
  [data.hasFinalConsonant("책"), data.hasFinalConsonant("나무")]; // [ true, false ]
  [data.withParticle("책", "topic"), data.withParticle("나무", "topic")]; // [ '책은', '나무는' ]
  data.PARTICLES.object; // [ '을', '를' ]
  const sentence = data.particleSentences().sample(new Generator(1)).join(" ");
  data.particleErrors(sentence, 1, new Generator(1)).target === sentence; // true
}

// data.sentiment
{
  const task = data.sentiment();
  const { words, label } = task.sample(new Generator(1));
  task.solve(words) === label; // true
}

// data.captions data.film
{
  const task = data.captions();
  task.caption(task.scenes[0]); // [ 'a', 'small', 'filled', 'circle', 'at', 'the', 'top', 'left' ]
  task.batch(3, new Generator(1)).shape; // [ 3, 256 ]
  data.film({ length: 6 }).batch(2, new Generator(1)).shape; // [ 6, 2, 256 ]
}

// data.editDistance data.similarWords data.recognise
{
  data.editDistance("harbour", "harbor"); // 1
  data.similarWords("boat", ["boat", "coat", "bread", "boot"], 2); // [ 'boat', 'coat' ]
  const words = ["the", "boat", "coat", "sails"];
  const options = { vocabulary: words, generator: new Generator(1), count: 3 };
  data.recognise(["the", "boat", "sails"], options).list.length; // 3
}

// data.spellingChannel
{
  const channel = data.spellingChannel({ errors: 0.1 });
  channel.edits("cat").length > 100; // true
  data.editDistance("boat", channel.corrupt("boat", new Generator(1))) <= 2; // true
}

// data.templateSource data.phrases
{
  const source = data.templateSource({
    name: "weather",
    about: "four sentences",
    slots: [() => data.phrases("today", "tomorrow"), () => data.phrases("it rains", "it snows")],
  });
  source.optimum.nllPerString / Math.LN2; // 2
}

// data.LINE_NAMES data.lineWriter
{
  data.LINE_NAMES.includes("reber"); // true
  data.lineWriter("number-words-en")?.(new Generator(1)).split("\t").length; // 2
}

// data.readCatalogue data.fileName data.entryPath data.readEntry data.expectEntry data.readBytes data.dataFolders
{
  const entry = data.readCatalogue().find(({ name }) => name === "harbour");
  if (!entry) throw new Error("no such corpus");
  data.fileName(entry); // 'harbour'
  const { path, bytes } = data.readEntry(entry);
  data.entryPath(entry) === path; // true
  data.expectEntry(entry, bytes, path); // throws if the bytes are not those of the catalogue
  data.readBytes(path).length === entry.bytes; // true
  data.dataFolders().length > 0; // true
}
