// The grammar, by the library that VS Code itself uses, over the shipped specs.

import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { before, test } from "node:test";

const require = createRequire(import.meta.url);
const oniguruma = require("vscode-oniguruma");
const textmate = require("vscode-textmate");
const here = dirname(fileURLToPath(import.meta.url));
const extension = join(here, "..");
const specs = join(extension, "..", "..", "specs");

let grammar;

before(async () => {
  const wasm = readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm"));
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
  const path = join(extension, "syntaxes", "yamen.tmLanguage.json");
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => textmate.parseRawGrammar(readFileSync(path, "utf8"), path),
  });
  grammar = await registry.loadGrammar("source.yamen");
});

/** Every token of a text with its innermost scope. */
function tokens(text) {
  let state = textmate.INITIAL;
  return text.split("\n").flatMap((line) => {
    const result = grammar.tokenizeLine(line, state);
    state = result.ruleStack;
    return result.tokens.map((token) => [line.slice(token.startIndex, token.endIndex), token.scopes.at(-1)]);
  });
}

function scopeOf(text, words) {
  const found = tokens(text).find(([token]) => token.trim() === words);
  assert.ok(found, `no token \`${words}\``);
  return found[1];
}

test("words have the scopes that themes colour", () => {
  const text = 'claim never_full "the pile"\n  always pile <= 3 // so\n  expect refuted\nrule "x"';
  assert.equal(scopeOf(text, "claim"), "keyword.declaration.yamen");
  assert.equal(scopeOf(text, "never_full"), "entity.name.yamen");
  assert.equal(scopeOf(text, "always"), "keyword.operator.temporal.yamen");
  assert.equal(scopeOf(text, "pile"), "variable.other.yamen");
  assert.equal(scopeOf(text, "3"), "constant.numeric.yamen");
  assert.equal(scopeOf(text, "refuted"), "constant.language.verdict.yamen");
  assert.equal(scopeOf(text, "// so"), "comment.line.double-slash.yamen");
});

test("every shipped spec ends outside strings and comments", () => {
  const files = readdirSync(specs, { recursive: true })
    .map((file) => join(specs, file))
    .filter((file) => file.endsWith(".yamen") && statSync(file).isFile());
  assert.ok(files.length > 10);
  for (const file of files) {
    let state = textmate.INITIAL;
    for (const line of readFileSync(file, "utf8").split("\n")) {
      state = grammar.tokenizeLine(line, state).ruleStack;
    }
    assert.equal(state.depth, 1, file);
  }
});

test("every word that the manifest names is there", () => {
  const manifest = JSON.parse(readFileSync(join(extension, "package.json"), "utf8"));
  const { grammars, snippets, languages } = manifest.contributes;
  for (const path of [grammars[0].path, snippets[0].path, languages[0].configuration]) {
    JSON.parse(readFileSync(join(extension, path), "utf8"));
  }
});
