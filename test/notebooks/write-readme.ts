import { writeFileSync } from "node:fs";
import path from "node:path";
import { courseMap } from "./map.ts";
import { folder } from "./read.ts";
import { readme } from "./readme.ts";

writeFileSync(path.join(folder, "README.md"), readme());
writeFileSync(path.join(folder, "images", "course.svg"), courseMap());
