// Draws cards in Chromium: node draw.mjs JOBS OUT. JOBS is a JSON file of [{name, kind, content}], kind one of
// slack (blocks), teams (an Adaptive Card), html (a page) or parsed (an Adaptive Card that Microsoft's parser judges, without
// a picture); OUT is a folder for the pictures. What each page turned
// out to be (its text, how wide it is, which words of a Teams card are wider than their place, what went wrong on it) is written to OUT/seen.json for the tests to judge.

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { chromium } from "playwright-core";

const HERE = dirname(fileURLToPath(import.meta.url));
const WIDTHS = { slack: [760, 390], teams: [820, 390, 300], html: [1180, 390] };
const [jobsFile, out] = process.argv.slice(2);

const bundle = buildSync({
  entryPoints: [join(HERE, "platforms.jsx")],
  bundle: true,
  write: false,
  format: "iife",
  platform: "browser",
  loader: { ".css": "empty" },
  define: { "process.env.NODE_ENV": '"production"' },
  jsx: "automatic",
  logLevel: "error",
}).outputFiles[0].text;
const slackStyle = readFileSync(join(HERE, "node_modules/slack-blocks-to-jsx/dist/style.css"), "utf8");
const frame = `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<style>${slackStyle} body { margin: 16px; background: #fff; font-family: "Segoe UI", system-ui, sans-serif }</style>
<div id="card"></div><script>${bundle.replaceAll("</script", "<\\/script")}</script>`;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking"],
});
const seen = [];
const windows = new Map();
try {
  const jobs = JSON.parse(readFileSync(jobsFile, "utf8"));
  seen.push(...(await parsed(jobs.filter(({ kind }) => kind === "parsed"))));
  for (const { name, kind, content, dark } of jobs.filter(({ kind }) => kind !== "parsed")) {
    for (const width of WIDTHS[kind]) {
      seen.push(await draw(name, kind, content, width, Boolean(dark)));
    }
  }
} finally {
  await browser.close();
}
writeFileSync(join(out, "seen.json"), JSON.stringify(seen));

async function parsed(jobs) {
  const page = await browser.newPage();
  await page.setContent(frame);
  const told = await page.evaluate((cards) => cards.map(({ content }) => window.validate(content)), jobs);
  await page.close();
  return jobs.map(({ name, kind }, at) => ({ name, kind, file: `${name}.${kind}`, errors: told[at], asked: [], text: "" }));
}

async function draw(name, kind, content, width, dark) {
  const place = await opened(kind, width, dark);
  const { page } = place;
  place.errors.length = place.asked.length = 0;
  if (kind === "html") {
    await page.setContent(content);
  } else {
    await page.evaluate(([how, what]) => window.draw(how, what), [kind, content]);
    await page.waitForSelector("#card *");
  }
  const file = `${name}.${kind}.${width}${dark ? ".dark" : ""}.png`;
  await page.screenshot({ path: join(out, file), fullPage: true });
  const text = await page.evaluate(() => document.body.innerText);
  const across = await page.evaluate(() => document.documentElement.scrollWidth);
  const spills = kind === "teams" ? await page.evaluate(spilling) : [];
  return { name, kind, width, dark, file, text, across, spills, errors: [...place.errors], asked: [...place.asked] };
}

// The texts of an Adaptive Card that are wider than their column, cell or card.
function spilling() {
  const found = [];
  const texts = document.createTreeWalker(document.getElementById("card"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const words = document.createRange();
    words.selectNodeContents(texts.currentNode);
    const right = words.getBoundingClientRect().right;
    let place = texts.currentNode.parentElement;
    if (place.closest("button")) continue; // Teams puts buttons below each other where they do not fit
    while (place.id !== "card" && right <= place.getBoundingClientRect().right + 1) place = place.parentElement;
    if (place.id !== "card") found.push(texts.currentNode.textContent);
  }
  return found;
}

// A window of each width is opened once: the platforms' renderers take longer to load than to draw.
async function opened(kind, width, dark) {
  const id = `${kind} ${width} ${dark}`;
  if (!windows.has(id)) {
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      colorScheme: dark ? "dark" : "light",
      offline: true,
    });
    const page = await context.newPage();
    const errors = [];
    const asked = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("dialog", (dialog) => (errors.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
    page.on("request", (request) => /^https?:/.test(request.url()) && asked.push(request.url()));
    if (kind !== "html") await page.setContent(frame);
    windows.set(id, { page, errors, asked });
  }
  return windows.get(id);
}
