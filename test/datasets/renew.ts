/**
 * Writes the generated parts of datasets/README.md and the samples anew:
 *
 *     node --conditions=unrolled-source --import tsx test/datasets/renew.ts
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { withParts } from "./readme.ts";
import { SAMPLES, sample } from "./samples.ts";

const folder = fileURLToPath(new URL("../../datasets/", import.meta.url));
mkdirSync(`${folder}samples`, { recursive: true });
for (const file of Object.keys(SAMPLES)) writeFileSync(`${folder}samples/${file}`, sample(file));
writeFileSync(`${folder}README.md`, withParts(readFileSync(`${folder}README.md`, "utf8")));
