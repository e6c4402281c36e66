// `npm run docs`: writes what is generated. The table of ops, the index of the lectures, the tables of the corpora.
import { writeFileSync } from "node:fs";
import "../datasets/renew.ts";
import "../notebooks/write-readme.ts";
import { opsReadme, README } from "./ops-readme.ts";

writeFileSync(README, opsReadme());
