// How long Chromium takes to open a page and to filter it, as JSON, in milliseconds, and how much of a processor the page
// itself uses for it; FLOOR is a page as long that has nothing but a comment: measure.js PAGE FLOOR
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const [url, floor] = process.argv.slice(2, 4).map((file) => pathToFileURL(file).href);
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});
const told = { errors: [], milliseconds: {}, processor: {}, found: {}, shown: {} };
const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
try {
  const page = await browser.newPage();
  await page.setViewport({ width: 1200, height: 900 });
  page.on("console", (message) => told.errors.push(message.text()));
  page.on("pageerror", (error) => told.errors.push(String(error)));
  const session = await page.createCDPSession();
  await session.send("Performance.enable");
  // What the page's own thread used of a processor so far: others may use the machine meanwhile.
  const used = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find((metric) => metric.name === "ThreadTime").value * 1000;
  };
  const timed = async (name, act) => {
    const [start, before] = [performance.now(), await used()];
    await act();
    await page.evaluate(drawn);
    const [milliseconds, processor] = [performance.now() - start, (await used()) - before];
    // Of several attempts the best: the others met something else.
    told.milliseconds[name] = Math.min(Math.round(milliseconds), told.milliseconds[name] ?? Infinity);
    told.processor[name] = Math.min(Math.round(processor), told.processor[name] ?? Infinity);
  };
  // The first time a browser is busy with itself.
  for (let attempt = 0; attempt < 4; attempt++) {
    for (const [name, target] of [["floor", floor], ["open", url]]) {
      await page.goto("about:blank");
      await timed(attempt ? name : "warming", () => page.goto(target, { waitUntil: "load" }));
    }
  }
  const filtered = async (name, act) => {
    await timed(name, act);
    told.found[name] = await page.$eval("[role=status]", (said) => said.textContent);
    told.shown[name] = await page.$$eval("details.case", (cases) => cases.length);
  };
  const click = (selector) => page.$eval(selector, (one) => one.click());
  const search = (text) =>
    page.$eval(
      "input[type=search]",
      (one, text) => {
        one.value = text;
        one.dispatchEvent(new Event("input"));
      },
      text,
    );
  await filtered("all", () => click("button[data-state=all]"));
  await filtered("more", () => click("button.more"));
  await filtered("text", () => search("case-4711"));
  // A body that is read only now.
  await page.$eval("details.case", (one) => (one.open = true));
  await page.waitForSelector("details.case .body");
  told.opened = await page.$eval("details.case .body pre", (one) => one.textContent);
  await filtered("text_again", () => search("order"));
  await filtered("no_text", () => search(""));
  await filtered("look", () => click("button[data-state=look]"));
  // A link to a case that is not shown.
  await filtered("link", () => page.evaluate(() => (location.hash = "c0-4999")));
  told.linked = await page.$eval("#c0-4999", (one) => [one.open, one.contains(document.activeElement)]);
  told.alien = await page.evaluate(() => ["pwned" in window, document.querySelectorAll("img, svg a, iframe").length]);
  await page.setJavaScriptEnabled(false);
  await page.goto(url);
  told.without_script = await page.$$eval("details.case > .body", (bodies) => bodies.length);
} finally {
  await browser.close();
}
console.log(JSON.stringify(told));
