// `npm run docs`: writes what is generated. The table of ops, the index of the lectures, the tables of the corpora, the
// reference of the public names.
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { API, apiFiles } from "../api/write.ts";
import "../datasets/renew.ts";
import "../notebooks/write-readme.ts";
import { opsReadme, README } from "./ops-readme.ts";

writeFileSync(README, opsReadme());
mkdirSync(API, { recursive: true });
for (const [name, text] of apiFiles()) writeFileSync(path.join(API, name), text);
