// Shows times in the viewer's time zone and updates relative times.
// Without this script, the server's text in UTC stays. The title is in UTC.
(() => {
  "use strict";

  const FORMAT = new Intl.DateTimeFormat(undefined, {
    calendar: "gregory", numberingSystem: "latn", hourCycle: "h23", timeZoneName: "short",
    year: "numeric", month: "2-digit", day: "2-digit",
    hour: "2-digit", minute: "2-digit", second: "2-digit",
  });
  const SECONDS = [86400, 3600, 60, 1];
  const started = new WeakMap();

  function localText(element, toTheSecond) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) return null;
    const part = {};
    for (const { type, value } of FORMAT.formatToParts(moment)) part[type] = value;
    const seconds = toTheSecond ? `:${part.second}` : "";
    return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}${seconds} ${part.timeZoneName}`;
  }

  function localize(element) {
    const text = localText(element, element.classList.contains("to-the-second"));
    if (text !== null && element.textContent !== text) element.textContent = text;
  }

  // A time below the heading of a day in UTC stays in UTC. Its title has both.
  function annotate(element) {
    const text = localText(element, true);
    if (text === null || text === element.title || element.title.includes("(")) return;
    element.title = `${element.title} (${text})`;
  }

  // The server sends the age, because the viewer's clock may be wrong.
  function age(element) {
    const seconds = element.dataset.seconds;
    if (seconds === undefined) return (Date.now() - new Date(element.dateTime)) / 1000;
    const key = `${seconds} ${element.dateTime}`;
    if (started.get(element)?.key !== key) {
      started.set(element, { key, at: performance.now() });
    }
    return Number(seconds) + (performance.now() - started.get(element).at) / 1000;
  }

  // Same format as `config.admin.formatting.span`: the two largest units.
  function span(seconds, units) {
    let rest = Math.max(0, Math.floor(seconds));
    const amounts = SECONDS.map((size) => {
      const amount = Math.floor(rest / size);
      rest %= size;
      return amount;
    });
    const found = amounts.findIndex((amount) => amount > 0);
    const first = found < 0 ? amounts.length - 1 : found;
    return [first, first + 1]
      .filter((index) => index === first || amounts[index])
      .map((index) => units[index].replace("%d", amounts[index]))
      .join(" ");
  }

  function count(element) {
    const units = (element.dataset.units ?? "%d d|%d h|%d min|%d s").split("|");
    const text = (element.dataset.pattern ?? "%s ago").replace("%s", span(age(element), units));
    if (element.textContent !== text) element.textContent = text;
  }

  function show(root) {
    const all = [...root.querySelectorAll("time.moment, time.ago, time.clock")];
    if (root instanceof HTMLTimeElement) all.push(root);
    for (const element of all) {
      if (element.classList.contains("moment")) localize(element);
      if (element.classList.contains("ago")) count(element);
      if (element.classList.contains("clock")) annotate(element);
    }
  }

  function start() {
    show(document.body);
    new MutationObserver((changes) => {
      for (const { type, target, addedNodes } of changes) {
        if (type === "attributes") show(target);
        for (const node of addedNodes) if (node instanceof Element) show(node);
      }
    }).observe(document.body, {
      childList: true, subtree: true, attributes: true, attributeFilter: ["datetime"],
    });
    setInterval(() => document.querySelectorAll("time.ago").forEach(count), 1000);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
