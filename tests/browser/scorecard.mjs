// Reads the scorecard page as people do: node scorecard.mjs PAGE OUT. PAGE is an HTML file, OUT a folder for the pictures; what
// was found (heights, widths, what links open, what paper shows) is written to OUT/scorecard.json for the tests to judge.

import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [file, out] = process.argv.slice(2);
const url = pathToFileURL(resolve(file)).href;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking"],
});
const found = { folded: [], places: {}, errors: [], asked: [] };
try {
  for (const width of [1280, 390]) {
    for (const colorScheme of ["light", "dark"]) {
      const page = await opened({ viewport: { width, height: 900 }, colorScheme });
      found.folded.push({ width, colorScheme, ...(await size(page)) });
      await page.screenshot({ path: join(out, `scorecard.${width}.${colorScheme}.png`), fullPage: true });
      await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
      found.folded.at(-1).unfolded = await size(page);
      await page.context().close();
    }
  }
  const page = await opened({ viewport: { width: 1280, height: 900 } });
  const places = await page.$$eval('a[href^="#"]', (links) => [...new Set(links.map((link) => link.getAttribute("href")))]);
  for (const place of places) {
    await page.evaluate((hash) => {
      document.querySelectorAll("details[open]").forEach((details) => (details.open = false));
      location.hash = hash;
    }, place);
    found.places[place] = await page.evaluate((hash) => {
      const target = document.getElementById(hash.slice(1));
      if (target === null) return "missing";
      const { top } = target.getBoundingClientRect();
      if (!target.checkVisibility({ contentVisibilityAuto: true })) return "hidden";
      return top >= 0 && top < innerHeight ? "shown" : `at ${top}`;
    }, place);
  }
  found.keyboard = await keyboard(await opened({ viewport: { width: 1280, height: 900 } }));
  await page.emulateMedia({ media: "print" });
  found.paper = await page.$$eval(".service section, .check section, .group .findings", (parts) =>
    parts.map((part) => part.checkVisibility({ contentVisibilityAuto: true }) && part.getBoundingClientRect().height > 0),
  );
} finally {
  await browser.close();
}
writeFileSync(join(out, "scorecard.json"), JSON.stringify(found));

async function opened(options) {
  const page = await (await browser.newContext({ offline: true, ...options })).newPage();
  page.on("pageerror", (error) => found.errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && found.errors.push(message.text()));
  page.on("request", (request) => /^https?:/.test(request.url()) && found.asked.push(request.url()));
  await page.goto(url);
  return page;
}

function size(page) {
  return page.evaluate(() => ({
    height: document.documentElement.scrollHeight,
    across: document.documentElement.scrollWidth,
  }));
}

// The first stop is the skip link; then the first service is opened without a mouse.
async function keyboard(page) {
  await page.keyboard.press("Tab");
  const first = await page.evaluate(() => ({
    href: document.activeElement.getAttribute("href"),
    left: document.activeElement.getBoundingClientRect().left,
    outline: getComputedStyle(document.activeElement).outlineStyle,
  }));
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  const onto = await page.evaluate(() => document.activeElement.parentElement.className);
  await page.keyboard.press("Enter");
  const open = await page.evaluate(() => document.querySelector("details.service").open);
  return { first, onto, open };
}
