/**
 * Writes the generated parts of datasets/README.md and the samples anew:
 *
 *     node --conditions=unrolled-source --import tsx test/datasets/renew.ts
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { data } from "../../src/index.ts";
import { withParts } from "./readme.ts";
import { sample } from "./samples.ts";

const folder = fileURLToPath(new URL("../../datasets/", import.meta.url));
mkdirSync(`${folder}samples`, { recursive: true });
for (const name of data.LINE_NAMES) writeFileSync(`${folder}samples/${name}.txt`, sample(name));
writeFileSync(`${folder}README.md`, withParts(readFileSync(`${folder}README.md`, "utf8")));
