import { data, lm, optim, text, Generator, nn } from "unrolled";
const whole = text.loadCorpus("bookshop",{level:"syllable"});
const [trainText, validText] = [whole.decode(whole.train), whole.decode(whole.valid)];
const N=[...validText].length-1;
const all = trainText+validText;
const others=[...new Set([...all])].filter(c=>!/[가-힣]/.test(c));
const every=text.Vocabulary.fromTokens([...others, ...Array.from({length:11172},(_,i)=>String.fromCharCode(0xac00+i))]);
const jall=text.Vocabulary.fromTokens([...new Set([...others, ...Array.from({length:19},(_,i)=>String.fromCharCode(0x1100+i)),...Array.from({length:21},(_,i)=>String.fromCharCode(0x1161+i)),...Array.from({length:27},(_,i)=>String.fromCharCode(0x11a8+i))])]);
console.log(every.size, jall.size);
const given={syllable:1,jamo:[...validText][0].normalize("NFD").length};
for (const f of [1/32,1/16,1/8,1/4,1/2,1]) {
  const tr=[...trainText].slice(-Math.floor(f*[...trainText].length)).join("");
  const row=[];
  for (const [level,voc,orders] of [["syllable",undefined,[2,3,4]],["syllable",every,[2,3,4]],["jamo",undefined,[5,8,11]],["jamo",jall,[5,8,11]]]) {
    const c=text.corpusFromText({train:tr,valid:validText},{level,...(voc?{vocabulary:voc}:{vocabulary: (level==="syllable"?whole:text.loadCorpus("bookshop",{level})).vocabulary})});
    const counts=lm.NGramCounts.of(c,{order:orders.at(-1)});
    let best=9e9; for(const o of orders){ best=Math.min(best,new lm.NGramLM(counts,{order:o}).nll(c.valid,{given:given[level]}).reduce((a,b)=>a+b,0)/Math.LN2/N);} row.push(best.toFixed(3));
  }
  console.log(f, [...tr].length, row.join("  "));
}
const seen=new Set(trainText); const uns=[...validText].filter(c=>!seen.has(c)); console.log("unseen",uns.length, new Set(uns).size, uns.join(""));
const cnt={}; for(const c of trainText) cnt[c]=(cnt[c]??0)+1; console.log("singletons", Object.values(cnt).filter(x=>x===1).length);
