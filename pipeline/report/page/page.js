"use strict";
(() => {
  const COLOURS = {"#010101": "--accent", "#010102": "--second", "#010103": "--ink", "#010104": "--faint", "#010105": "--paper"};
  const plots = [...document.querySelectorAll(".plot")].map((box) => {
    const data = box.querySelector("script");
    const text = data.textContent;
    data.remove();
    return {box, text, view: null};
  });
  const coarse = window.matchMedia("(pointer: coarse)").matches;

  async function draw(plot) {
    if (plot.box.hidden) { plot.old = true; return; }
    const style = getComputedStyle(document.documentElement);
    let text = plot.text.replace(/#01010[1-5]/g, (name) => style.getPropertyValue(COLOURS[name]).trim());
    // A finger that is dragged over a picture scrolls the page.
    if (coarse) { text = text.replace(/"active_drag":\{"id":"m\d+"\}/g, '"active_drag":null'); }
    // On a narrow screen the labels of as many ticks would run into each other.
    if (plot.box.clientWidth < 500) { text = text.replace(/"desired_num_ticks":[45]/g, '"desired_num_ticks":2'); }
    if (plot.view) { plot.view.clear(); }
    plot.box.replaceChildren();
    plot.old = false;
    const root = JSON.parse(text);
    const doc = {version: Bokeh.version, title: "", roots: [root]};
    plot.view = await Bokeh.embed.embed_item({root_id: root.id, doc}, plot.box);
  }
  const drawAll = () => plots.forEach(draw);
  drawAll();
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  window.addEventListener("beforeprint", () => { document.documentElement.dataset.theme = "light"; drawAll(); });
  window.addEventListener("afterprint", () => { delete document.documentElement.dataset.theme; drawAll(); });

  for (const button of document.querySelectorAll("[data-shows]")) {
    button.addEventListener("click", () => {
      for (const other of button.parentElement.children) {
        const chosen = other === button;
        other.setAttribute("aria-pressed", String(chosen));
        const plot = plots.find((one) => one.box.id === other.dataset.shows);
        plot.box.hidden = !chosen;
        if (chosen && (plot.old || !plot.view)) { draw(plot); }
      }
    });
  }
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      const text = button.textContent;
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
      } catch {
        // A page that was opened from a file may have no clipboard: select a field instead.
        const field = document.createElement("textarea");
        field.value = button.dataset.copy;
        document.body.append(field);
        field.select();
        document.execCommand("copy");
        field.remove();
      }
      button.textContent = document.body.dataset.copied;
      setTimeout(() => { button.textContent = text; }, 1500);
    });
  }
  for (const section of document.querySelectorAll("section:has(table.groups)")) {
    const body = section.querySelector("tbody");
    const rows = [...body.rows];
    const filters = section.querySelector(".filters");
    const search = filters.querySelector("[type=search]");
    const odd = filters.querySelector("[type=checkbox]");
    const only = () => odd !== null && odd.checked;
    const shown = () => {
      const words = search.value.toLowerCase();
      for (const row of rows) {
        row.hidden = (only() && !row.classList.contains("odd")) || !row.textContent.toLowerCase().includes(words);
      }
    };
    filters.hidden = false;
    search.addEventListener("input", shown);
    odd?.addEventListener("change", shown);
    const heads = [...section.querySelectorAll("th:has(.sort)")];
    for (const head of heads) {
      head.querySelector(".sort").addEventListener("click", () => {
        const place = head.cellIndex;
        const rising = head.getAttribute("aria-sort") !== "ascending";
        const key = (row) => row.cells[place].dataset.sort ?? row.cells[place].textContent;
        const numeric = rows.some((row) => row.cells[place].dataset.sort !== undefined);
        const compare = (a, b) => {
          // What is undefined, or not odd, comes last in either order.
          if (key(a) === "" || key(b) === "") { return (key(a) === "") - (key(b) === ""); }
          const order = numeric ? Number(key(a)) - Number(key(b)) : key(a).localeCompare(key(b), undefined, {numeric: true});
          return rising ? order : -order;
        };
        for (const other of heads) { other.removeAttribute("aria-sort"); }
        head.setAttribute("aria-sort", rising ? "ascending" : "descending");
        body.append(...rows.sort(compare));
      });
    }
  }
})();
