// How long Chromium takes to open a page and to filter it, as JSON, in milliseconds: measure.js PAGE
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const url = pathToFileURL(process.argv[2]).href;
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});
const told = { errors: [], milliseconds: {}, filtered: {} };
try {
  // Once for nothing: a browser that has just started is busy with itself.
  const page = await browser.newPage();
  await page.setViewport({ width: 1200, height: 900 });
  await page.goto(url);
  await page.goto("about:blank");
  page.on("console", (message) => told.errors.push(message.text()));
  page.on("pageerror", (error) => told.errors.push(String(error)));
  const start = performance.now();
  await page.goto(url, { waitUntil: "load" });
  // Until it is drawn.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  told.milliseconds.open = Math.round(performance.now() - start);
  const measured = async (name, selector, text) => {
    const { milliseconds, shown } = await page.evaluate(
      async (selector, text) => {
        const start = performance.now();
        const one = document.querySelector(selector);
        if (text === null) {
          one.click();
        } else {
          one.value = text;
          one.dispatchEvent(new Event("input"));
        }
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        return {
          milliseconds: Math.round(performance.now() - start),
          shown: document.querySelectorAll("details.case:not([hidden])").length,
        };
      },
      selector,
      text,
    );
    told.milliseconds[name] = milliseconds;
    told.filtered[name] = shown;
  };
  const search = "input[type=search]";
  await measured("all", "button[data-state=all]", null);
  await measured("text", search, "case-4711");
  await measured("text_again", search, "order");
  await measured("no_text", search, "");
  await measured("look", "button[data-state=look]", null);
  // A body that is read only now.
  await page.evaluate(() => {
    const one = [...document.querySelectorAll("details.case")].find((one) => one.textContent.includes("case-4711"));
    one.open = true;
    one.id = "opened";
  });
  await page.waitForSelector("#opened .body");
  told.opened = await page.evaluate(() => document.querySelector("#opened .body pre").textContent);
  told.alien = await page.evaluate(() => ["pwned" in window, document.querySelectorAll("img, svg a, iframe").length]);
  told.cases = await page.evaluate(() => document.querySelectorAll("details.case").length);
} finally {
  await browser.close();
}
console.log(JSON.stringify(told));
