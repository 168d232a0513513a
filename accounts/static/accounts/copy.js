// Buttons that copy the text of another element: data-copies="its id".
// Without a secure context there is no clipboard; the text is then selected.
"use strict";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copies);
  const said = document.getElementById(button.dataset.says);
  try {
    await navigator.clipboard.writeText(source.textContent);
    said.textContent = button.dataset.copied;
  } catch {
    getSelection().selectAllChildren(source);
    said.textContent = document.execCommand("copy")
      ? button.dataset.copied
      : button.dataset.selected;
  }
});
