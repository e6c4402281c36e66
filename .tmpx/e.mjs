import { data, lm, optim, text, Generator } from "unrolled";
const c0=text.loadCorpus("harbour"); const all=c0.decode(c0.train)+c0.decode(c0.valid);
const heads=[...all.matchAll(/^(Chapter|CHAPTER)[^\n]*$/gm)].map(m=>[m.index,m[0]]); console.log(heads.slice(-4), all.length);
const cut=heads.at(-2)?.[0], end=heads.at(-1)?.[0];
const c=text.loadCorpus("harbour",{split:{counts:[cut,end-cut,all.length-end]}});
console.log(c.train.length,c.valid.length,c.test.length);
const counts=lm.NGramCounts.of(c,{order:7}); for(const o of [2,3,4,5,6,7]){const m=new lm.NGramLM(counts,{order:o}); console.log(o,m.evaluate(c,{given:1}).nats.toFixed(4),m.evaluate(c,{given:1,split:"test"}).nats.toFixed(4));}
for (const [cell,H,E,B] of [["rnn",64,32,8],["gru",64,32,8],["lstm",64,32,8],["lstm",128,64,8]]) {
 const m=new lm.RecurrentLM({corpus:c,cell,embeddingSize:E,hiddenSize:H,seed:1}); const t=process.cpuUsage();
 const h=await lm.train(m,c,{optimizer:new optim.Adam(m.parameters(),{lr:5e-3}),epochs:1,batchSize:B,bptt:32,clipNorm:1,progress:false}); const u=process.cpuUsage(t);
 console.log(cell,H,h.last.validLoss.toFixed(3),"cpu",(u.user+u.system)/1e6);
}
{ const m=new lm.FixedWindowLM({corpus:c,window:4,embeddingSize:32,hiddenSize:64,seed:1}); const t=process.cpuUsage(); const h=await lm.train(m,c,{optimizer:new optim.Adam(m.parameters(),{lr:2e-3}),epochs:1,batchSize:64,clipNorm:1,progress:false}); console.log("window",h.last.validLoss.toFixed(3),h.steps.length,h.last.tokens,process.cpuUsage(t).user/1e6,m.parameterCount()); }
