// Drives a built report in Debian's Chromium: every page of it loads without a word in the console, all links
// lead somewhere, filters and sliders do what they say, pictures have words, and axe finds nothing serious.
//
// Usage: node report.mjs [REPORT] [--screenshots DIR]; REPORT is build/report of the repository.

import { mkdir, readFile, readdir, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const here = path.dirname(fileURLToPath(import.meta.url));
const words = process.argv.slice(2);
const at = words.indexOf("--screenshots");
const screenshots = at < 0 ? null : path.resolve(words.splice(at, 2)[1] ?? "screenshots");
const folder = path.resolve(words[0] ?? path.join(here, "../../build/report"));
const executable = process.env.YAMEN_CHROMIUM ?? "/usr/bin/chromium";
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// Chromium is not to do anything over the network. Axe is slow, and pages of a kind are alike: it looks at the first
// so many of each kind, and then at every tenth.
const flags = [
  "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
  "--disable-component-update", "--disable-sync",
];
const AXE_PAGES = 25;

const faults = [];
const fault = (page, text) => {
  faults.push(`${page}: ${text}`);
  console.error(`FAULT ${page}: ${text}`);
};

async function files(below) {
  const found = [];
  for (const entry of await readdir(below, { withFileTypes: true })) {
    const whole = path.join(below, entry.name);
    if (entry.isDirectory()) found.push(...(await files(whole)));
    else found.push(whole);
  }
  return found.sort();
}

const all = await files(folder).catch(() => {
  console.error(`there is no report in ${folder}: run \`make report\` first`);
  process.exit(2);
});
const pages = all.filter((file) => file.endsWith(".html"));
const address = (file) => pathToFileURL(file).href;
const name = (file) => path.relative(folder, file);

const browser = await chromium.launch({ executablePath: executable, headless: true, args: flags });
const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
const page = await context.newPage();
let current = "";
page.on("console", (message) => {
  if (["error", "warning"].includes(message.type())) fault(current, `console: ${message.text()}`);
});
page.on("pageerror", (error) => fault(current, `script: ${error.message}`));
page.on("request", (request) => {
  if (!request.url().startsWith("file:") && !request.url().startsWith("data:")) {
    fault(current, `asks the network for ${request.url()}`);
  }
});

async function open(file) {
  current = name(file);
  await page.goto(address(file), { waitUntil: "load" });
}

/** Pictures have words, buttons have names, and the page is no wider than the window. */
async function looksRight() {
  const wrong = await page.evaluate(() => {
    const wrong = [];
    for (const svg of document.querySelectorAll("svg:not([aria-hidden], svg svg)")) {
      const ids = (svg.getAttribute("aria-labelledby") ?? "").split(" ").filter(Boolean);
      const said = ids.map((id) => document.getElementById(id)?.textContent?.trim());
      if (svg.getAttribute("role") !== "img" || said.length < 2 || said.some((text) => !text)) {
        wrong.push("a picture without title and description");
      }
    }
    if (document.documentElement.scrollWidth > window.innerWidth + 1) wrong.push("is wider than the window");
    if (document.querySelectorAll("h1").length !== 1) wrong.push("has not exactly one h1");
    const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
    if (new Set(ids).size !== ids.length) wrong.push("uses an id twice");
    return wrong;
  });
  wrong.forEach((text) => fault(current, text));
}

async function accessible() {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"], preload: false }));
  for (const violation of found.violations) {
    if (["serious", "critical"].includes(violation.impact)) {
      const where = violation.nodes.slice(0, 2).map((node) => node.target.join(" ")).join("; ");
      fault(current, `axe: ${violation.id} (${violation.impact}): ${violation.help}: ${where}`);
    }
  }
}

async function links(known) {
  const targets = await page.evaluate(() => [...document.querySelectorAll("a[href]")].map((a) => a.href));
  for (const target of new Set(targets)) {
    const url = new URL(target);
    const file = fileURLToPath(new URL(url.pathname, "file:"));
    if (!known.has(file)) fault(current, `leads nowhere: ${target}`);
    if (url.hash && file === fileURLToPath(page.url().split("#")[0])) {
      const there = await page.evaluate((id) => document.getElementById(id) !== null, decodeURIComponent(url.hash.slice(1)));
      if (!there) fault(current, `no such place on the page: ${url.hash}`);
    }
  }
}

async function filters() {
  await open(path.join(folder, "index.html"));
  const shown = () => page.locator(".family li[data-verdict]:visible").count();
  const whole = await shown();
  const expect = (holds, text) => holds || fault(current, text);
  expect(whole > 0, "shows no claims");
  for (const verdict of ["proved", "refuted"]) {
    await page.selectOption("#verdict", verdict);
    const wanted = await page.locator(`.family li[data-verdict=${verdict}]`).count();
    expect((await shown()) === wanted, `filter ${verdict} shows ${await shown()} of ${wanted}`);
    expect((await page.locator("#shown").textContent()).startsWith(`${wanted} of ${whole}`), "does not say how many");
  }
  await page.selectOption("#verdict", "");
  await page.selectOption("#expected", "no");
  const odd = await page.locator(".family li[data-expected=no]").count();
  expect((await shown()) === odd, "the filter of expectations shows others");
  await page.selectOption("#expected", "");
  const family = await page.locator("#family option").nth(1).getAttribute("value");
  await page.selectOption("#family", family);
  const own = await page.locator(`section.family[data-family="${family}"] li[data-verdict]`).count();
  expect((await shown()) === own, `family ${family} shows ${await shown()} of ${own}`);
  await page.selectOption("#family", "");
  await page.fill("#search", "zzz no such words zzz");
  expect((await shown()) === 0 && (await page.locator("#nothing").isVisible()), "a vain search shows claims");
  const title = await page.locator(".family li .title").first().textContent();
  await page.fill("#search", title);
  expect((await shown()) >= 1, "searching for a title does not find it");
  await page.fill("#search", "");
  expect((await shown()) === whole, "an empty search does not show all claims");
}

/** Steps a chart to its end by buttons and keys. */
async function steps() {
  const figure = page.locator("figure.stepper").first();
  const said = () => figure.locator("output").textContent();
  const last = Number(await figure.getAttribute("data-last"));
  const text = () => figure.locator("svg.chart").textContent();
  const before = (await text()) + (await figure.locator("dl").allTextContents()).join();
  await figure.locator(".next").click();
  if ((await said()) !== "Period 1") fault(current, `after a step the chart says ${await said()}`);
  await figure.locator("input").focus();
  await page.keyboard.press("ArrowLeft");
  if ((await said()) !== "Period 0") fault(current, "the slider does not follow the keys");
  let changed = false;
  for (let period = 1; period <= last; period += 1) {
    await figure.locator(".next").click();
    changed ||= (await text()) + (await figure.locator("dl").allTextContents()).join() !== before;
  }
  if ((await said()) !== `Period ${last}`) fault(current, `the chart ends with ${await said()}`);
  if (!changed) fault(current, "stepping changes nothing");
  await figure.locator(".play").click();
  if ((await figure.locator(".play").textContent()) !== "Pause") fault(current, "play does not play");
  await figure.locator(".play").click();
}

/** The data behind a picture: a link with a file that can be read as what it says it is, and is not empty. */
async function downloads() {
  const found = await page.evaluate(() =>
    [...document.querySelectorAll("a[download]")].map((a) => ({ href: a.href, words: a.textContent })),
  );
  for (const { href, words } of found) {
    const text = await readFile(fileURLToPath(href), "utf8").catch(() => "");
    if (words.includes("JSON")) {
      try {
        if (Object.keys(JSON.parse(text)).length === 0) fault(current, `${words}: nothing in it`);
      } catch {
        fault(current, `${words}: is no JSON`);
      }
    } else if (words.includes("CSV")) {
      if (text.trim().split("\n").length < 2) fault(current, `${words}: has no rows`);
    } else fault(current, `${words}: does not say what it is`);
  }
  return found.map(({ words }) => words);
}

/** Every picture has its data beside it. */
async function pictures(words) {
  const has = async (selector) => (await page.locator(selector).count()) > 0;
  const wanted = [
    [".phases", "Download the cells (CSV)", "phases"],
    [".graph", "Download states and steps (JSON)", "graphs"],
    [".run .swimlane, figure.stepper", "Download the data (JSON)", "runs"],
    ["h2 ~ .scroll > svg.chart", "Download the posts (CSV)", "charts"],
  ];
  for (const [selector, data, kind] of wanted) {
    if (!(await has(selector))) continue;
    looked[kind] = (looked[kind] ?? 0) + 1;
    if (!words.includes(data)) fault(current, `a picture (${selector}) without “${data}”`);
  }
}

/** A link to data is followed as a reader does it: the browser saves a file, or shows it. */
async function saves(selector) {
  const link = page.locator(selector).first();
  const href = await link.evaluate((a) => a.href);
  const saved = page.waitForEvent("download", { timeout: 5000 }).then(async (file) => {
    return readFile(await file.path(), "utf8");
  });
  await link.click();
  const text = await saved.catch(() => page.evaluate(() => document.body?.textContent ?? ""));
  const whole = await readFile(fileURLToPath(href), "utf8");
  if (text.trim().slice(0, 200) !== whole.trim().slice(0, 200)) fault(current, `clicking ${selector} does not give its data`);
}

/** Cells are shapes that neither overlap nor leave a place to another: as many as the data has rows. */
async function phases() {
  const rows = (await readFile(fileURLToPath(await page.locator(".phase a[download]").first().evaluate((a) => a.href)), "utf8"))
    .trim().split("\n").length - 1;
  const told = await page.locator(".phase").first().textContent();
  if (!told.includes(`${rows} cells:`)) fault(current, `does not say that there are ${rows} cells`);
  const drawn = await page.evaluate(() => {
    const paths = [...document.querySelector(".phases").querySelectorAll("path[fill]")];
    return paths.every((path) => path.getBBox().width > 0 && getComputedStyle(path).fill.includes("url("));
  });
  if (!drawn) fault(current, "cells of a phase diagram without their pattern");
  if ((await page.locator(".formula code").count()) === 0) fault(current, "a phase diagram without a boundary");
}

/** States stand beside each other, arrows join them, and the list has as many. */
async function graph() {
  const wrong = await page.evaluate(() => {
    const boxes = [...document.querySelectorAll(".graph .state rect")].map((rect) => rect.getBoundingClientRect());
    const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
    const picture = document.querySelector(".graph").getBoundingClientRect();
    const inside = (a) => a.left >= picture.left && a.right <= picture.right && a.bottom <= picture.bottom;
    const arrows = [...document.querySelectorAll(".graph .steps path")];
    const rows = document.querySelectorAll(".states tbody tr").length;
    if (boxes.length < 2 || rows !== boxes.length) return `${boxes.length} states, ${rows} in the list`;
    if (!boxes.every(inside)) return "a state is outside the picture";
    if (!boxes.every((a, n) => boxes.slice(n + 1).every((b) => apart(a, b)))) return "states overlap";
    if (!arrows.every((path) => path.getTotalLength() > 5)) return "an arrow leads nowhere";
    if (!arrows.every((path) => inside(path.getBoundingClientRect()))) return "an arrow leaves the picture";
    return "";
  });
  if (wrong) fault(current, `state graph: ${wrong}`);
}

async function shot(file, suffix = "", whole = true) {
  if (!screenshots) return;
  await mkdir(screenshots, { recursive: true });
  const target = name(file).replace(/[/\\]/g, "-").replace(/\.html$/, "");
  await page.screenshot({ path: path.join(screenshots, `${target}${suffix}.png`), fullPage: whole });
}

const known = new Set(all);
// The first page with a phase diagram, and with a state graph: looked at once more in the dark, and on a telephone.
const first = {};
const looked = { claim: 0, institution: 0, steppers: 0, phases: 0, graphs: 0, runs: 0, charts: 0 };
for (const file of pages) {
  await open(file);
  await looksRight();
  await links(known);
  await pictures(await downloads());
  for (const [kind, look] of [[".phase", phases], [".states", graph]]) {
    if ((await page.locator(`${kind} svg`).count()) === 0) continue;
    first[kind] ??= file;
    await look();
  }
  const kind = name(file).split(path.sep)[0];
  looked[kind] = (looked[kind] ?? 0) + 1;
  if (looked[kind] <= AXE_PAGES || looked[kind] % 10 === 0) await accessible();
  if ((await page.locator("figure.stepper").count()) > 0 && looked.steppers < 5) {
    looked.steppers += 1;
    await steps();
  }
  await shot(file);
}
for (const kind of ["steppers", "phases", "graphs", "runs", "charts"]) {
  if (looked[kind] === 0) fault("report", `no page has ${kind}`);
}
const samples = Object.values(first);
for (const [kind, file] of Object.entries(first)) {
  await open(file);
  await saves(`${kind} a[download]`);
}
await filters();
for (const colorScheme of ["dark"]) {
  await page.emulateMedia({ colorScheme });
  for (const file of samples.concat(pages.slice(0, 6), pages.filter((file) => name(file) === "index.html"))) {
    await open(file);
    await accessible();
    await shot(file, "-dark");
  }
}
await page.emulateMedia({ colorScheme: "light" });
await page.setViewportSize({ width: 390, height: 800 });
for (const file of [path.join(folder, "index.html"), ...samples, ...pages.slice(0, 4)]) {
  await open(file);
  await looksRight();
  await shot(file, "-narrow");
}
await browser.close();

let bytes = 0;
for (const file of all) bytes += (await stat(file)).size;
console.log(`${pages.length} pages, ${(bytes / 1e6).toFixed(2)} MB, ${faults.length} faults`);
process.exit(faults.length === 0 ? 0 : 1);
