// Filters the cases, opens the one that a link names, and moves between the marks with the arrow keys. Without it
// the page shows every case. It reads numbers from attributes and changes which cases are shown, and which are open.
"use strict";
// So many cases are shown at a time.
const PAGE = 200;
const element = (markup) => {
  const whole = document.createElement("template");
  whole.innerHTML = markup;
  return whole.content.firstElementChild;
};
const plain = (markup) =>
  markup
    .replace(/<\/?(ins|del)>/g, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(code))
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
// A case as the filter knows it: from its markup, which the program wrote, and in which all that it quotes is escaped.
// A page of many cases has no element for a case until it is shown, and none for its body until it is opened.
const START = / id="([^"]*)" data-state="([^"]*)"( data-look)?(?:="")?(?: data-tags="([^"]*)")?(?: data-checks="([^"]*)")?/;
const known = (markup, built) => {
  const [, id, state, look, tags = "", checks = ""] = START.exec(markup);
  let text;
  return {
    id,
    state,
    isToLookAt: Boolean(look),
    tags: ` ${tags} `,
    checks: ` ${checks} `,
    get text() {
      return (text ??= plain(markup).toLowerCase());
    },
    get element() {
      if (!built) {
        const body = markup.indexOf("<div ");
        built = element(markup.slice(0, body));
        built.addEventListener("toggle", () => built.append(element(markup.slice(body))), { once: true });
      }
      return built;
    },
  };
};
const read = (list) => {
  const unread = list.querySelector(":scope > noscript");
  if (!unread) return [...list.children].map((one) => known(one.outerHTML, one));
  const cases = unread.textContent.split(/^(?=<details class=.case.)/m);
  unread.remove();
  return cases.map((markup) => known(markup));
};
addEventListener("DOMContentLoaded", () => {
  // What shows a case, by its anchor.
  const reveals = new Map();
  for (const section of document.querySelectorAll(".cases")) {
    const list = section.querySelector(".list");
    const cases = read(list);
    const bar = section.querySelector(".filter");
    const said = section.querySelector("[role=status]");
    const buttons = [...bar.querySelectorAll("button[data-state]")];
    const [tag, check] = ["tag", "check"].map((name) => bar.querySelector(`select[name=${name}]`));
    const search = bar.querySelector("input");
    const more = Object.assign(document.createElement("button"), { type: "button", className: "more" });
    list.after(more);
    let state = "all";
    let most = PAGE;
    let found = [];
    // The case that a link names is shown wherever it is.
    const show = (named) => {
      const shown = found.filter((one, index) => index < most || one === named).map((one) => one.element);
      list.replaceChildren(...shown);
      const left = Math.max(found.length - most, 0);
      more.hidden = left === 0;
      more.textContent = `Show ${Math.min(left, PAGE)} more of ${left}`;
      const rest = left === 0 ? "shown" : `found, the first ${most} shown`;
      said.textContent = `${found.length} of ${cases.length} cases ${rest}`;
    };
    const filter = (named) => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const has = (numbers, wanted) => !wanted?.value || numbers.includes(` ${wanted.value} `);
      found = cases.filter(
        (one) =>
          (state === "all" || (state === "look" ? one.isToLookAt : one.state === state)) &&
          has(one.tags, tag) &&
          has(one.checks, check) &&
          words.every((word) => one.text.includes(word)),
      );
      most = PAGE;
      for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.state === state));
      show(named);
    };
    const choose = (wanted, named) => {
      state = wanted;
      filter(named);
    };
    for (const button of buttons) button.addEventListener("click", () => choose(button.dataset.state));
    for (const list of [tag, check]) list?.addEventListener("change", () => filter());
    search.addEventListener("input", () => filter());
    more.addEventListener("click", () => {
      const next = found[most];
      most += PAGE;
      show();
      next.element.querySelector("summary").focus();
    });
    bar.querySelector("button[data-open]").addEventListener("click", () => {
      const shown = [...list.children];
      const is = shown.some((one) => !one.open);
      for (const one of shown) one.open = is;
    });
    for (const one of cases) {
      reveals.set(one.id, () => {
        if (!one.element.isConnected) {
          for (const chosen of [tag, check]) if (chosen) chosen.value = "";
          search.value = "";
          choose("all", one);
        }
        return one.element;
      });
    }
    bar.hidden = false;
    choose(buttons.some((button) => button.dataset.state === "look") ? "look" : "all");
  }
  const reveal = () => {
    const one = reveals.get(location.hash.slice(1))?.();
    if (!one) return;
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
  reveal();
});
