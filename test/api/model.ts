/** Reads the public names of the package and their doc comments out of the emitted declarations (`dist/index.d.ts`). */
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type TS from "@tslab/typescript-for-tslab";

// TypeScript 7 has no JavaScript API yet; the compiler that tslab brings reads declarations just as well.
const ts = createRequire(createRequire(import.meta.url).resolve("tslab/package.json"))(
  "@tslab/typescript-for-tslab",
) as typeof TS;

const entry: string = path.join(fileURLToPath(new URL("../../", import.meta.url)), "dist/index.d.ts");

export interface Doc {
  text: string;
  tags: { name: string; text: string }[];
}

export interface Member extends Doc {
  signature: string;
}

/** One public name. */
export interface Entry extends Doc {
  /** As a user writes it: "nn.Linear", "tensor". */
  name: string;
  /** The page it stands on: "nn", or "index" for the names without a namespace. */
  page: string;
  kind: "class" | "function" | "value" | "type";
  /** TypeScript, without the doc comment. */
  signatures: string[];
  /** Of a class: its own public members. */
  members: Member[];
  /** Names of other public types in the signatures. */
  mentions: Set<TS.Symbol>;
  symbol: TS.Symbol;
}

/** All public names, by page, in the order of the alphabet; and the documentation of the pages themselves. */
export function readApi(): Entry[] {
  const program = ts.createProgram([entry], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
    types: [],
  });
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(entry);
  const root = file && checker.getSymbolAtLocation(file);
  if (!root) throw new Error(`${entry} is not there: npm run build`);
  const found: Entry[] = [];
  const resolve = (symbol: TS.Symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const visit = (module: TS.Symbol, prefix: string): void => {
    for (const exported of checker.getExportsOfModule(module)) {
      const symbol = resolve(exported);
      const name = prefix + exported.name;
      if (symbol.flags & ts.SymbolFlags.ValueModule) visit(symbol, `${name}.`);
      else found.push(read(checker, symbol, name));
    }
  };
  visit(root, "");
  return found.sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
}

function read(checker: TS.TypeChecker, symbol: TS.Symbol, name: string): Entry {
  const declarations = symbol.getDeclarations() ?? [];
  const mentions = new Set<TS.Symbol>();
  for (const declaration of declarations) collect(checker, declaration, mentions);
  mentions.delete(symbol);
  const page = name.includes(".") ? name.split(".")[0] : "index";
  const base = { name, page, symbol, mentions, ...docOf(checker, symbol) };
  const [first] = declarations;
  const shortName = name.split(".").at(-1)!;
  if (symbol.flags & ts.SymbolFlags.Class) {
    const declaration = declarations.find(ts.isClassDeclaration)!;
    const members = declarations.flatMap((one) =>
      ts.isClassDeclaration(one) || ts.isInterfaceDeclaration(one) ? membersOf(checker, one) : [],
    );
    return { ...base, kind: "class", signatures: [classHead(declaration)], members };
  }
  if (symbol.flags & ts.SymbolFlags.Function) {
    const signatures = declarations.map((one) =>
      plain(one)
        .replace(/^export /, "")
        .replace(/^declare /, ""),
    );
    return { ...base, kind: "function", signatures, members: [] };
  }
  if (symbol.flags & ts.SymbolFlags.Variable) {
    const type = checker.getTypeOfSymbolAtLocation(symbol, first);
    const calls = type.getCallSignatures();
    if (calls.length > 0) {
      const signatures = calls.map(
        (call) =>
          `function ${shortName}${checker.signatureToString(call, first, ts.TypeFormatFlags.NoTruncation)};`,
      );
      return { ...base, kind: "function", signatures, members: [] };
    }
    return {
      ...base,
      kind: "value",
      signatures: [
        `const ${shortName}: ${(first as TS.VariableDeclaration).type?.getText() ?? checker.typeToString(type)};`,
      ],
      members: [],
    };
  }
  return {
    ...base,
    kind: "type",
    signatures: declarations.map((one) => one.getText().replace(/^export (declare )?/, "")),
    members: [],
  };
}

function docOf(checker: TS.TypeChecker, symbol: TS.Symbol): Doc {
  return {
    text: ts.displayPartsToString(symbol.getDocumentationComment(checker)),
    tags: symbol
      .getJsDocTags(checker)
      .map(({ name, text }) => ({ name, text: ts.displayPartsToString(text) })),
  };
}

/** The text of a declaration on one line, without doc comments. */
function plain(node: TS.Node): string {
  return node
    .getText()
    .replace(/\/\*\*[\s\S]*?\*\//g, "")
    .replace(/\s+/g, " ")
    .trim();
}

function classHead(declaration: TS.ClassDeclaration): string {
  const text = declaration.getText().replace(/\/\*\*[\s\S]*?\*\//g, "");
  return `${text
    .slice(0, text.indexOf("{"))
    .replace(/^export (declare )?/, "")
    .trim()} { … }`;
}

function membersOf(
  checker: TS.TypeChecker,
  declaration: TS.ClassDeclaration | TS.InterfaceDeclaration,
): Member[] {
  const members: Member[] = [];
  for (const member of declaration.members as TS.NodeArray<TS.ClassElement | TS.TypeElement>) {
    const text = plain(member);
    if (/^(private|protected)\b|^#|^\[/.test(text)) continue;
    const symbol = member.name ? checker.getSymbolAtLocation(member.name) : undefined;
    const doc = symbol ? docOf(checker, symbol) : constructorDoc(member);
    members.push({ signature: text.replace(/;$/, "").replace(/^override |^declare /, ""), ...doc });
  }
  return members;
}

/** A constructor has no name, and so no symbol whose documentation could be asked for. */
function constructorDoc(member: TS.Node): Doc {
  const { jsDoc = [] } = member as TS.Node & { jsDoc?: TS.JSDoc[] };
  return { text: ts.getTextOfJSDocComment(jsDoc.at(-1)?.comment) ?? "", tags: [] };
}

/** The symbols of all types that a declaration names. */
function collect(checker: TS.TypeChecker, node: TS.Node, into: Set<TS.Symbol>): void {
  const visit = (one: TS.Node): void => {
    if (ts.isTypeReferenceNode(one) || ts.isExpressionWithTypeArguments(one)) {
      const named = ts.isTypeReferenceNode(one) ? one.typeName : one.expression;
      let symbol = checker.getSymbolAtLocation(named);
      if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
      if (symbol) into.add(symbol);
    }
    ts.forEachChild(one, visit);
  };
  visit(node);
}
