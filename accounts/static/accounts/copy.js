// Buttons that copy the text of another element; data-copies is its id.
// Without a secure context there is no clipboard API, so the text is selected instead.
"use strict";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copies);
  const status = document.getElementById(button.dataset.says);
  try {
    await navigator.clipboard.writeText(source.textContent);
    status.textContent = button.dataset.copied;
  } catch {
    getSelection().selectAllChildren(source);
    status.textContent = document.execCommand("copy")
      ? button.dataset.copied
      : button.dataset.selected;
  }
});
