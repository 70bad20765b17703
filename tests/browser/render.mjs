// Shows a page in a browser without a screen, and tells what a person would see of it.
//
// The file that is named holds {"page": HTML, "width": pixels, "css": whether as GitHub shows it,
// "diagrams": [Mermaid], "picture": file for a screenshot, or ""}. Standard output:
// {"width", "overflowing": [text], "diagrams": [[text of each box and label] or error],
// "requests": [URL]}.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import chromium from "@sparticuz/chromium";
import puppeteer from "puppeteer-core";

const require = createRequire(import.meta.url);
const asked = JSON.parse(readFileSync(process.argv[2], "utf8"));
const browser = await puppeteer.launch({
  args: chromium.args,
  executablePath: await chromium.executablePath(),
  headless: "shell",
});
try {
  const page = await browser.newPage();
  const requests = [];
  page.on("request", (request) => requests.push(request.url()));
  await page.setViewport({ width: asked.width, height: 800 });
  if (asked.css) {
    const css = readFileSync(
      require.resolve("github-markdown-css/github-markdown-light.css"), "utf8");
    // A comment's own size of letters; the sheet is that of a README.
    const own = ".markdown-body { font-size: 14px; padding: 0; }";
    await page.setContent(
      `<style>body { margin: 0 }${css}${own}</style>` +
      `<article class="markdown-body">${asked.page}</article>`);
  } else {
    await page.setContent(asked.page);
  }
  const overflowing = await page.evaluate(() =>
    [...document.querySelectorAll("table, p, ul, h2, h3, summary, body")]
      .filter((one) => one.scrollWidth > Math.max(one.clientWidth, 1) + 1
        && one.getClientRects().length > 0)
      .map((one) => `${one.tagName} ${one.scrollWidth}: ${one.textContent.slice(0, 200)}`));
  const width = await page.evaluate(() =>
    Math.max(...[...document.querySelectorAll("table")].map((one) => one.scrollWidth), 0));
  if (asked.picture) {
    await page.screenshot({ path: asked.picture, fullPage: true });
  }
  const diagrams = [];
  if (asked.diagrams.length > 0) {
    await page.addScriptTag({ path: require.resolve("mermaid/dist/mermaid.min.js") });
    for (const [index, text] of asked.diagrams.entries()) {
      diagrams.push(await page.evaluate(async (text, id) => {
        // As GitHub and GitLab do: nothing in a text is run.
        mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });
        try {
          const { svg } = await mermaid.render(id, text);
          document.body.innerHTML = svg;
          return [...document.querySelectorAll(".nodeLabel, .edgeLabel .label")]
            .map((one) => one.textContent);
        } catch (error) {
          return String(error);
        }
      }, text, `diagram${index}`));
      if (asked.picture && index === 0) {
        await page.screenshot({ path: asked.picture.replace(".png", "-diagram.png") });
      }
    }
  }
  console.log(JSON.stringify({ width, overflowing, diagrams, requests }));
} finally {
  await browser.close();
}
