// Filters the cases, opens the one that a link names, and moves between the marks with the arrow keys. Without it
// the page shows every case. It reads numbers from attributes and changes what is hidden or open.
"use strict";
// In a page of many cases the body of each is one text inside `noscript` until it is opened. The program wrote it, and
// what it quotes is escaped, as in the rest of the page.
const build = (one) => {
  const unread = one.querySelector(":scope > noscript");
  if (!unread) return;
  const whole = document.createElement("template");
  whole.innerHTML = unread.textContent;
  unread.replaceWith(whole.content);
};
const plain = (markup) =>
  markup.replace(/<[^>]*>/g, " ").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
const read = (one) => [...one.querySelectorAll("summary, pre, td, li")].map((part) => part.textContent);
// Until the page is read, only the cases to look at are laid out.
document.documentElement.classList.add("reading");
document.addEventListener("toggle", (event) => build(event.target), true);
addEventListener("DOMContentLoaded", () => {
  for (const section of document.querySelectorAll(".cases")) {
    const cases = [...section.querySelectorAll("details.case")];
    const bar = section.querySelector(".filter");
    if (!bar) continue;
    const said = section.querySelector("[role=status]");
    const buttons = [...bar.querySelectorAll("button[data-state]")];
    const [tag, check] = ["tag", "check"].map((name) => bar.querySelector(`select[name=${name}]`));
    const search = bar.querySelector("input");
    const texts = new Map();
    const text = (one) => {
      if (!texts.has(one)) {
        const unread = one.querySelector("noscript");
        const parts = unread ? [one.firstElementChild.textContent, plain(unread.textContent)] : read(one);
        texts.set(one, parts.join("\n").toLowerCase());
      }
      return texts.get(one);
    };
    const has = (one, key, wanted) => wanted === "" || ` ${one.dataset[key]} `.includes(` ${wanted} `);
    let state = "all";
    const show = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const one of cases) {
        const is =
          (state === "all" || (state === "look" ? "look" in one.dataset : one.dataset.state === state)) &&
          has(one, "tags", tag ? tag.value : "") &&
          has(one, "checks", check ? check.value : "") &&
          words.every((word) => text(one).includes(word));
        if (one.hidden === is) one.hidden = !is;
        shown += is;
      }
      for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.state === state));
      said.textContent = `${shown} of ${cases.length} cases shown`;
    };
    const choose = (wanted) => {
      state = wanted;
      show();
    };
    for (const button of buttons) button.addEventListener("click", () => choose(button.dataset.state));
    for (const list of [tag, check]) if (list) list.addEventListener("change", show);
    search.addEventListener("input", show);
    const open = bar.querySelector("button[data-open]");
    open.addEventListener("click", () => {
      const shown = cases.filter((one) => !one.hidden).slice(0, 200);
      const is = shown.some((one) => !one.open);
      for (const one of shown) one.open = is;
    });
    // A case that is named must be visible.
    section.addEventListener("reveal", (event) => {
      if (!event.target.hidden) return;
      for (const list of [tag, check]) if (list) list.value = "";
      search.value = "";
      choose("all");
    });
    bar.hidden = false;
    choose(buttons.some((button) => button.dataset.state === "look") ? "look" : "all");
  }
  const reveal = () => {
    const id = location.hash.slice(1);
    const one = /^c\d+-\d+$/.test(id) ? document.getElementById(id) : null;
    if (!one) return;
    one.dispatchEvent(new Event("reveal", { bubbles: true }));
    build(one);
    one.open = true;
    one.querySelector("summary").focus();
    one.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#c']");
    if (link && link.hash === location.hash) reveal();
  });
  for (const dots of document.querySelectorAll(".marks")) {
    const all = [...dots.querySelectorAll(".dots a")];
    dots.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      const from = all.indexOf(event.target);
      if (from < 0 || !step) return;
      const to = all[Math.min(Math.max(from + step, 0), all.length - 1)];
      all[from].tabIndex = -1;
      to.tabIndex = 0;
      to.focus();
      event.preventDefault();
    });
  }
  document.documentElement.classList.remove("reading");
  reveal();
});
