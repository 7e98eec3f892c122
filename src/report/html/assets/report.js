// The report's one script: it hides the claims that are not asked for, and steps charts through periods.
// Everything can be read without it.
"use strict";

function filterClaims() {
  const form = document.querySelector("form.filters");
  if (!form) return;
  const field = (id) => document.getElementById(id);
  const items = [...document.querySelectorAll(".family li[data-verdict]")].map((item) => ({
    item,
    text: (item.textContent + " " + item.closest(".house").querySelector("h3").textContent).toLowerCase(),
  }));
  const apply = () => {
    const words = field("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = { verdict: field("verdict").value, expected: field("expected").value, family: field("family").value };
    let shown = 0;
    for (const { item, text } of items) {
      const matches =
        Object.entries(wanted).every(([key, value]) => !value || item.closest(`[data-${key}]`).dataset[key] === value) &&
        words.every((word) => text.includes(word));
      item.hidden = !matches;
      if (matches) shown += 1;
    }
    const filtering = words.length > 0 || Object.values(wanted).some(Boolean);
    for (const block of document.querySelectorAll(".house, section.family")) {
      block.hidden = filtering && !block.querySelector("li[data-verdict]:not([hidden])");
    }
    field("nothing").hidden = shown > 0 || items.length === 0;
    field("shown").textContent = filtering ? `${shown} of ${items.length} entries` : `${items.length} entries`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  apply();
}

const CONTROLS = `
  <button class="back" type="button" aria-label="Period before">◀</button>
  <button class="play" type="button">Play</button>
  <button class="next" type="button" aria-label="Next period">▶</button>
  <input type="range" min="0" value="0" step="1" aria-label="Period">
  <output></output>`;

function stepThrough(figure) {
  const controls = document.createElement("div");
  controls.className = "controls";
  controls.innerHTML = CONTROLS;
  figure.querySelector("figcaption").after(controls);
  figure.querySelector("input").max = figure.dataset.last;
  const slots = JSON.parse(figure.querySelector("script").textContent);
  const last = Number(figure.dataset.last);
  const slider = figure.querySelector("input");
  const output = figure.querySelector("output");
  const play = figure.querySelector(".play");
  const marks = [...figure.querySelectorAll("[data-slot]")];
  let timer = 0;
  const show = (period) => {
    slider.value = String(period);
    const said = `Period ${period}`;
    slider.setAttribute("aria-valuetext", said);
    output.textContent = said;
    for (const mark of marks) {
      const [name, looks, which] = slots[Number(mark.dataset.slot)];
      const [text, tone] = looks[which[period]];
      const changed = period > 0 && which[period] !== which[period - 1];
      mark.setAttribute("class", `seg ${tone}${changed ? " changed" : ""}`);
      const place = mark.querySelector("text, dd");
      const whole = place.localName === "text" ? `${name} = ${text}` : text;
      place.textContent = place.localName === "text" && whole.length > 23 ? `${whole.slice(0, 22)}…` : whole;
    }
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
  };
  const step = (by) => show(Math.min(last, Math.max(0, Number(slider.value) + by)));
  slider.addEventListener("input", () => { stop(); show(Number(slider.value)); });
  figure.querySelector(".back").addEventListener("click", () => { stop(); step(-1); });
  figure.querySelector(".next").addEventListener("click", () => { stop(); step(1); });
  play.addEventListener("click", () => {
    if (timer) return stop();
    if (Number(slider.value) >= last) show(0);
    play.textContent = "Pause";
    timer = setInterval(() => {
      step(1);
      if (Number(slider.value) >= last) stop();
    }, 900);
  });
  show(0);
}

filterClaims();
document.querySelectorAll("figure.stepper").forEach(stepThrough);
