// Uses backstay in the Agents Playground as a person would: node playground.mjs URL OUT. OUT gets pictures and seen.json,
// what stood on the page at each step. OUT/now-change tells the other side to change the account, OUT/now-post to post by itself.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [url, out] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking"],
});
const seen = {};
try {
  const page = await browser.newPage({ viewport: { width: 1400, height: 1300 } });
  page.setDefaultTimeout(25_000);
  await opened(page);
  await step(page, "welcome", () => page.getByText("backstay is here").first().waitFor());
  await step(page, "asked", async () => {
    await page.locator("[contenteditable=true]").first().click();
    await page.keyboard.type("scorecard checkout");
    await page.keyboard.press("Enter");
    await page.getByText(/^\W*checkout: /).first().waitFor();
  });
  const title = page.getByText(/^\W*checkout: /).first();
  const before = await settled(() => title.innerText());
  writeFileSync(join(out, "now-change"), "");
  await page.waitForTimeout(300);
  await step(page, "clicked", async () => {
    await page.getByRole("button", { name: "Audit again" }).first().click();
    await page.waitForFunction(
      (was) =>
        [...document.querySelectorAll("*")].some(
          (one) => !one.children.length && /^\W*checkout: /.test(one.textContent) && one.textContent !== was,
        ),
      before,
    );
    await settled(() => page.getByText(/^\W*checkout: /).first().scrollIntoViewIfNeeded());
  });
  seen.titles = [before, await settled(() => title.innerText())];
  seen.cards = await page.getByText(/^\W*checkout: /).count();
  writeFileSync(join(out, "now-post"), "");
  await step(page, "posted", () => page.getByText("Posted without being asked").first().waitFor());
} catch (error) {
  seen.error = String(error);
} finally {
  writeFileSync(join(out, "seen.json"), JSON.stringify(seen));
  await browser.close();
}

async function opened(page) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await page.goto(url, { waitUntil: "domcontentloaded" });
    } catch (error) {
      if (tries > 60) throw error;
      await new Promise((wait) => setTimeout(wait, 250));
    }
  }
}

// The client draws a card anew when it changes: what was just found may be gone by the time it is touched.
async function settled(act) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      if (tries > 20 || !/not attached/.test(String(error))) throw error;
      await new Promise((wait) => setTimeout(wait, 100));
    }
  }
}

async function step(page, name, act) {
  try {
    await act();
  } finally {
    await page.waitForTimeout(400); // what slides in has come to rest
    await page.screenshot({ path: join(out, `playground-${name}.png`) });
    seen[name] = await page.evaluate(() => document.body.innerText);
  }
}
