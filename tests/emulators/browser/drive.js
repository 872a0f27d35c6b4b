// Opens a page of a report in Chromium and says what happens, as JSON: drive.js PAGE [SCREENSHOTS]
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const [file, screenshots] = process.argv.slice(2);
const url = pathToFileURL(file).href;
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});
const told = { requests: [], errors: [], axe: {} };
try {
  const page = await browser.newPage();
  page.on("request", (request) => told.requests.push(request.url()));
  page.on("console", (message) => told.errors.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => told.errors.push(String(error)));
  page.on("dialog", async (dialog) => {
    told.errors.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  await page.setViewport({ width: 1200, height: 900 });
  await page.goto(url);

  // --- what is shown, and the filter ---
  const state = () =>
    page.evaluate(() => ({
      shown: document.querySelectorAll("details.case:not([hidden])").length,
      said: document.querySelector("[role=status]")?.textContent,
      pressed: document.querySelector("button[aria-pressed=true]")?.textContent,
    }));
  const choose = async (selector) => {
    await page.click(selector);
    return state();
  };
  told.first = await state();
  told.all = await choose("button[data-state=all]");
  await page.select("select[name=tag]", await page.$eval("select[name=tag] option:nth-child(2)", (o) => o.value));
  told.tag = { ...(await state()), name: await page.$eval("select[name=tag] option:checked", (o) => o.textContent) };
  await page.select("select[name=tag]", "");
  await page.select("select[name=check]", await page.$eval("select[name=check] option:nth-child(2)", (o) => o.value));
  told.check = { ...(await state()), name: await page.$eval("select[name=check] option:checked", (o) => o.textContent) };
  await page.select("select[name=check]", "");
  await page.type("input[type=search]", process.env.SEARCH ?? "promise");
  told.search = await state();

  // --- a mark leads to its case, which the filter had hidden ---
  await page.evaluate(() => document.querySelector(".dots a:last-child").click());
  await page.waitForFunction(() => document.querySelector("details.case[open]"));
  told.opened = await page.evaluate(() => {
    const open = document.querySelector("details.case[open]");
    const box = open.getBoundingClientRect();
    return { hidden: open.hidden, isTarget: `#${open.id}` === location.hash, focused: open.contains(document.activeElement), visible: box.top < innerHeight && box.bottom > 0 };
  });

  // --- by keyboard alone ---
  await page.goto("about:blank");
  await page.goto(url);
  const focused = () =>
    page.evaluate(() => {
      const on = document.activeElement;
      return on === document.body ? "" : `${on.tagName.toLowerCase()} ${on.textContent.trim() || on.name || on.title}`.slice(0, 40);
    });
  const tabTo = async (selector) => {
    for (let i = 0; i < 300; i++) {
      await page.keyboard.press("Tab");
      if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return true;
    }
    return false;
  };
  await page.keyboard.press("Tab");
  told.keyboard = { first: await focused() };
  told.keyboard.mark = await tabTo(".dots a");
  const before = await page.evaluate(() => document.activeElement.title);
  await page.keyboard.press("ArrowRight");
  told.keyboard.moved = before !== (await page.evaluate(() => document.activeElement.title));
  told.keyboard.button = await tabTo("button[data-state=all]");
  await page.keyboard.press("Enter");
  told.keyboard.all = await state();
  told.keyboard.summary = await tabTo("details.case > summary");
  await page.keyboard.press("Enter");
  told.keyboard.opened = await page.evaluate(() => document.activeElement.parentElement.open);
  await page.keyboard.press("Enter");
  told.keyboard.closed = await page.evaluate(() => !document.activeElement.parentElement.open);

  // --- nothing foreign is more than text ---
  told.alien = await page.evaluate(() => ({
    ran: "pwned" in window,
    scripts: document.scripts.length,
    elements: document.querySelectorAll("img, iframe, object, embed, form, base, video, audio, template").length,
    handlers: [...document.querySelectorAll("*")].filter((one) => [...one.attributes].some((a) => a.name.startsWith("on"))).length,
    links: [...document.querySelectorAll("a")].filter((one) => !one.getAttribute("href").startsWith("#")).length,
  }));

  // --- everybody can read it: both schemes, a phone, everything open ---
  await page.evaluate(() => {
    for (const one of document.querySelectorAll("details")) one.open = true;
  });
  for (const scheme of ["light", "dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    for (const width of [1200, 390]) {
      await page.setViewport({ width, height: 900 });
      await page.evaluate(axe);
      const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
      told.axe[`${scheme} ${width}`] = found.violations.map(
        (one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).slice(0, 3).join(", ")}`,
      );
      told.axe[`${scheme} ${width} wide`] = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    }
  }

  if (screenshots) {
    for (const [name, scheme, width] of [["light", "light", 1200], ["dark", "dark", 1200], ["phone", "light", 390]]) {
      const view = await browser.newPage();
      await view.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await view.setViewport({ width, height: 900 });
      await view.goto(url);
      await view.evaluate(() => {
        document.querySelector("details.case:not([hidden])").open = true;
      });
      await view.screenshot({ path: `${screenshots}/${name}.png`, fullPage: true });
    }
  }
  told.requests = told.requests.filter((asked) => asked.split("#")[0] !== url && asked !== "about:blank");
} finally {
  await browser.close();
}
console.log(JSON.stringify(told));
