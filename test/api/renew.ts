// Writes what the examples give behind their lines: node --conditions=unrolled-source --import tsx test/api/renew.ts
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { FOLDER, readExamples, runExample } from "./examples.ts";

for (const example of readExamples()) {
  try {
    const shown = await runExample(example);
    const file = path.join(FOLDER, example.file);
    const lines = readFileSync(file, "utf8").split("\n");
    for (const { line, given } of shown)
      lines[line - 1] = lines[line - 1].replace(/; \/\/ .*$/, () => `; // ${given}`);
    writeFileSync(file, lines.join("\n"));
  } catch (error) {
    process.stderr.write(`${example.file}:${example.line} (${example.names.join(", ")}): ${error}\n`);
    process.exitCode = 1;
  }
}
