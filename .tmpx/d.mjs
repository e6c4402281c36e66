import { data, lm, optim, text, Generator } from "unrolled";
const known = [..."책꽃문별밥떡빵눈산강손옷집길돌물달잎밭흙혀"].concat(["신문","가방","그림","연필","우산","공책","안경","나무","바다","사과","감자","편지","친구","의자","모자","구두","시계","종이","고양이","토끼","오리","노래","나비","다리","기차","치마","가위","그네","피아노"]);
const unseen = [..."컵칼숲탑뱀닭쌀콩붓솥벽침배개새소코귀피벼뼈게파쥐"];
const forms = ["topic","subject","object"];
const verbs = { topic: ["좋다.","없다.","보인다."], subject: ["좋다.","없다.","보인다."], object: ["샀다.","찾았다.","그렸다."] };
const chooser=new Generator(3);
const lesson = Array.from({length:3000},()=>{const form=chooser.choice(forms); return data.withParticle(chooser.choice(known),form)+" "+chooser.choice(verbs[form])+"\n";}).join("");
console.log(unseen.filter(n=>lesson.includes(n)));
const pairs={topic:["은","는"],subject:["이","가"],object:["을","를"]};
const right=(model,corpus,nouns)=>{const cost=w=>model.nll(corpus.encode("\n"+w+" "),{given:1}).reduce((x,y)=>x+y,0); const bad=[];
 const r=nouns.flatMap(n=>forms.map(f=>{const R=data.withParticle(n,f); const W=n+(R===n+pairs[f][0]?pairs[f][1]:pairs[f][0]); const d=cost(W)-cost(R); if(d<=0)bad.push(R); return Math.abs(d)<1e-9?.5:Number(d>0)})); if(bad.length<30)console.log(bad.join(" ")); return r.reduce((a,b)=>a+b,0)/r.length;};
for(const [u,o] of [["syllable",4],["jamo",9]]){ const c=text.corpusFromText({train:lesson,valid:unseen.join("\n")},{level:u}); console.log(u,c.train.length);
 const k=new lm.NGramLM(c,{order:o}); console.log(u,"kn",right(k,c,known),right(k,c,unseen));
 if(u==="jamo"||1) for(const ep of [3]) {const m=new lm.RecurrentLM({corpus:c,cell:"lstm",embeddingSize:16,hiddenSize:32,seed:1,dropout:u==="jamo"?0:0}); const t=process.cpuUsage(); await lm.train(m,c,{optimizer:new optim.Adam(m.parameters(),{lr:1e-2}),epochs:ep,batchSize:16,bptt:32,clipNorm:1,progress:false,validate:false}); console.log(u,"lstm",right(m,c,known),right(m,c,unseen),process.cpuUsage(t).user/1e6);} }
