import { data, lm, optim, text, Generator, nn } from "unrolled";
const src = data.particleSentences();
console.log(src.optimum, src.given);
const g = new Generator(1);
const tr = src.samples(8000, g).map(s=>s.join("")), te = src.samples(2000, g).map(s=>s.join(""));
console.log(tr.slice(0,3));
const symbols = te.reduce((s,t)=>s+[...t].length,0);
const perfect = data.optimalModel(src);
console.log("perfect on same", perfect.evaluate ? perfect.evaluate(te.map(t=>[...t])).nats:0, symbols);
for (const [level, orders] of [["syllable",[2,3,4,5,6,8]],["jamo",[2,4,6,8,10,12,14,16,20]]]) {
  const c = text.corpusFromText({train: tr.join("\n")+"\n", valid: te.join("\n")+"\n"}, {level, end:"\n" });
  const counts = lm.NGramCounts.of(c,{order:orders.at(-1)});
  console.log(level, c.vocabulary.size, c.train.length, c.valid.length);
  for (const o of orders) { const ev = new lm.NGramLM(counts,{order:o}).evaluate(c); console.log(level,o,ev.tokens,(ev.nll/symbols).toFixed(4)); }
}
