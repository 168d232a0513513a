// Refreshes the page of an import and opens the dialog that confirms a cancellation.
(() => {
  "use strict";

  const MAX_INTERVAL = 15000;
  const live = document.getElementById("live");
  const announcer = document.getElementById("live-said");
  const lostNotice = document.getElementById("live-lost");
  const lastHtml = new Map(); // the last HTML of each section, as the server sent it
  let interval = Number(live.dataset.pace);
  let timer;

  function swap(section) {
    const current = document.getElementById(section.id);
    if (lastHtml.get(section.id) === section.innerHTML) return;
    lastHtml.set(section.id, section.innerHTML);
    const open = [...current.querySelectorAll("details[open]")].map((one) => one.id);
    const focused = current.contains(document.activeElement) ? selectorOfFocus(current) : null;
    current.replaceChildren(...section.childNodes);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (focused) current.querySelector(focused)?.focus({ preventScroll: true });
  }

  function selectorOfFocus(section) {
    const { id, tagName } = document.activeElement;
    const href = document.activeElement.getAttribute("href");
    if (id) return `#${CSS.escape(id)}`;
    return href ? `a[href="${CSS.escape(href)}"]` : tagName;
  }

  function update(html) {
    const received = new DOMParser().parseFromString(html, "text/html").getElementById("live");
    if (!received) throw new Error("unexpected page"); // for example the login page
    for (const section of received.children) swap(section);
    for (const [name, value] of Object.entries(received.dataset)) live.dataset[name] = value;
    if (announcer.textContent !== live.dataset.said) announcer.textContent = live.dataset.said;
    document.title = live.dataset.title;
  }

  async function poll() {
    try {
      const headers = { "If-None-Match": live.dataset.etag };
      const response = await fetch(live.dataset.url, {
        headers, cache: "no-store", signal: AbortSignal.timeout(10000),
      });
      if (response.status === 200) update(await response.text());
      else if (response.status !== 304) throw new Error(response.status);
      lostNotice.hidden = true;
      interval = Number(live.dataset.pace);
    } catch {
      lostNotice.hidden = false;
      interval = Math.min(interval * 2, MAX_INTERVAL);
    }
    schedule();
  }

  function schedule() {
    clearTimeout(timer);
    if (interval && !document.hidden) timer = setTimeout(poll, interval);
  }

  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (interval && !document.hidden) poll();
  });

  document.addEventListener("click", (event) => {
    const dialog = document.getElementById(event.target.closest("[data-opens]")?.dataset.opens);
    if (dialog) {
      event.preventDefault();
      dialog.showModal();
    }
    event.target.closest("[data-closes]")?.closest("dialog").close();
  });

  for (const section of live.children) lastHtml.set(section.id, section.innerHTML);
  schedule();
})();
