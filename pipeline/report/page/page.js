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
    if (plot.view) { plot.view.clear(); }
    plot.box.replaceChildren();
    plot.old = false;
    plot.view = await Bokeh.embed.embed_item(JSON.parse(text), plot.box);
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
})();
