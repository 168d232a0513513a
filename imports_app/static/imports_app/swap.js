// Replaces the content of [data-swap] with the response of its forms and links. A change
// that the server does not confirm is reverted, and nothing can be started until then.
"use strict";
{
  let newest = 0;
  let typing;

  const swap = async (url, options = {}) => {
    const current = ++newest;
    const container = document.querySelector("[data-swap]");
    container.setAttribute("aria-busy", "true");
    for (const button of container.querySelectorAll(".start button")) button.disabled = true;
    let response, page;
    try {
      response = await fetch(url, options);
      page = new DOMParser().parseFromString(await response.text(), "text/html");
    } catch {
      response = undefined;
    }
    const fresh = page?.querySelector(`#${container.id}`);
    const isShown = response?.ok || response?.status === 429; // with the time to wait
    if (!isShown) {
      revert();
    } else if (!fresh) {
      location.assign(response.url);
    } else if (current === newest) {
      show(container, fresh, response.url);
    }
  };

  // Shows what the server confirmed last. The start stays blocked until a response arrives.
  const revert = () => {
    const container = document.querySelector("[data-swap]");
    container.removeAttribute("aria-busy");
    for (const form of container.querySelectorAll("form")) form.reset();
    for (const button of container.querySelectorAll(".start button")) button.disabled = true;
    document.getElementById("swap-failed").hidden = false;
  };

  const show = (container, fresh, url) => {
    const focused = document.activeElement?.id;
    const typed = document.activeElement?.type === "search" && document.activeElement;
    container.replaceWith(fresh);
    document.getElementById("swap-failed").hidden = true;
    document.getElementById("said").textContent = fresh.dataset.say;
    history.replaceState(null, "", url);
    const again = focused && document.getElementById(focused);
    if (again) {
      again.focus({ preventScroll: true });
      if (typed) {
        again.value = typed.value;
        again.setSelectionRange(typed.selectionStart, typed.selectionEnd);
      }
    }
  };

  const send = (form, button) => {
    const fields = new FormData(form, button);
    if (form.method === "get") {
      swap(`?${new URLSearchParams(fields)}`);
    } else {
      swap(form.getAttribute("action"), { method: "POST", body: new URLSearchParams(fields) });
    }
  };

  document.documentElement.classList.add("scripted");
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-swap-form]")) {
      event.preventDefault();
      send(event.target, event.submitter);
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.dataset.swapOn === "change") send(event.target.form);
  });
  document.addEventListener("input", (event) => {
    if (event.target.dataset.swapOn === "input") {
      clearTimeout(typing);
      typing = setTimeout(() => send(event.target.form), 250);
    }
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-swap] .page-links a, [data-swap] .kinds a");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      swap(link.getAttribute("href"));
    }
  });
}
