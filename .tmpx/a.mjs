import { data, lm, optim, text, Generator } from "unrolled";
const cs = { syl: text.loadCorpus("bookshop", { level: "syllable" }), jamo: text.loadCorpus("bookshop", { level: "jamo" }) };
const validText = cs.syl.decode(cs.syl.valid);
console.log(JSON.stringify(validText.slice(0,20)), cs.jamo.decode(cs.jamo.valid)===validText, cs.syl.characters, cs.jamo.characters);
for (const k of ["syl","jamo"]) console.log(k, cs[k].vocabulary.size, cs[k].train.length, cs[k].valid.length);
const first=[...validText][0];
const given = { syl: 1, jamo: first.normalize("NFD").length };
const N = [...validText].length-1;
const bits = (m, ids, g) => m.nll(ids, { given: g }).reduce((a,b)=>a+b,0)/Math.LN2;
for (const [k, orders] of [["syl",[1,2,3,4,5]],["jamo",[1,2,3,4,5,6,7,8,9,10,11,12]]]) {
  const counts = lm.NGramCounts.of(cs[k], { order: orders.at(-1) });
  for (const o of orders) { const m = new lm.NGramLM(counts,{order:o}); const b=bits(m, cs[k].valid, given[k]); console.log(k,o,(b/N).toFixed(4),"per token",(b/(cs[k].valid.length-given[k])).toFixed(4)); }
}
for (const [k, T, H, E, drop, lr] of [["syl",24,128,64,0.3,4e-3],["jamo",48,128,64,0.3,4e-3]]) {
  const m = new lm.RecurrentLM({ corpus: cs[k], cell:"lstm", embeddingSize:E, hiddenSize:H, dropout:drop, seed:1 });
  const t=Date.now();
  const h = await lm.train(m, cs[k], { optimizer:new optim.Adam(m.parameters(),{lr}), epochs:40, batchSize:8, bptt:T, clipNorm:1, progress:false,
    onEpoch:(r)=>{ if(r.epoch%4===0) console.log(k,r.epoch,r.trainLoss.toFixed(3),(r.validLoss*(cs[k].valid.length-1)/N/Math.LN2).toFixed(4),((Date.now()-t)/1000).toFixed(1));} });
  console.log(k, m.parameterCount());
}
