// Uploads the file of a new import by drag and drop or file input, with progress.
// Without this script, the browser submits the form.
"use strict";

(() => {
  const form = document.getElementById("new-import");
  const texts = JSON.parse(document.getElementById("upload-texts").textContent);
  const find = (id) => document.getElementById(id);
  const input = find("id_file");
  const zone = find("drop-zone");
  const limit = Number(form.dataset.limit);
  let request = null;

  form.classList.add("has-script");
  // Keeps the theme's script from attaching its own listener, which fails here.
  input.hasChangeListener = true;

  const confirmLeaving = (event) => event.preventDefault();

  function show(name) {
    find("parts").hidden = name !== "parts";
    find("sending").hidden = name !== "sending";
    const change = name === "sending" ? addEventListener : removeEventListener;
    change("beforeunload", confirmLeaving);
  }

  function hideError() {
    find("trouble").hidden = true;
  }

  // Show an error above the file input, with a link or button to continue.
  function showError(message, { logIn = false, tryAgain = false } = {}) {
    request = null;
    show("parts");
    const box = find("trouble");
    const [link, button] = [box.querySelector("a"), box.querySelector("button")];
    box.querySelector("p").textContent = message;
    link.hidden = !logIn;
    link.href = form.dataset.login;
    link.textContent = texts.logIn;
    button.hidden = !tryAgain;
    button.textContent = texts.tryAgain;
    box.hidden = false;
    box.focus();
  }

  function isTooLarge(file) {
    return file.size > limit;
  }

  function showTooLarge(file) {
    const [size, maximum] = [fileSize(file.size), fileSize(limit)];
    showError(fill(texts.tooLarge, { size, limit: maximum }));
  }

  function selectedImporter() {
    return form.querySelector("[name=importer]:checked");
  }

  function showImporter() {
    const card = selectedImporter();
    const title = card.value ? card.closest("label").querySelector("strong").textContent : texts.detected;
    find("importer-selected").textContent = title;
  }

  function showSelected() {
    const file = input.files[0];
    const selected = find("chosen");
    selected.textContent = "";
    hideError();
    if (!file) return;
    selected.textContent = fill(texts.selected, { name: file.name, size: fileSize(file.size) });
    const suffixes = selectedImporter().dataset.suffixes?.split(" ");
    if (suffixes && !suffixes.some((end) => file.name.toLowerCase().endsWith(end))) {
      const hint = document.createElement("small");
      hint.textContent = fill(texts.otherName, { suffixes: suffixes.join(", ") });
      selected.append(hint);
    }
    if (isTooLarge(file)) showTooLarge(file);
  }

  function uploadUrl(file) {
    const fields = new FormData(form);
    const query = new URLSearchParams({
      importer: fields.get("importer"),
      replaces: fields.get("replaces") ?? "",
      name: file.name,
      size: file.size,
    });
    return `${form.dataset.upload}?${query}`;
  }

  function showRejection(status, body) {
    if (status === 403) return showError(texts.refused, { logIn: true });
    let message = texts.failed;
    try {
      const refused = JSON.parse(body);
      message = refused.message ?? message;
      if (refused.asksImporter) find("importer-choice").open = true;
    } catch {
      // not JSON, such as an error page of a proxy
    }
    return showError(message, { tryAgain: true });
  }

  // Check whether the server would accept the file.
  async function isAccepted(file) {
    try {
      const answer = await fetch(uploadUrl(file));
      if (answer.ok) return true;
      showRejection(answer.status, await answer.text());
    } catch {
      showError(texts.lost, { tryAgain: true });
    }
    return false;
  }

  function showProgress(sent, total, rate) {
    const percent = total ? Math.floor((100 * sent) / total) : 100;
    const speed = rate.value;
    const left = speed ? timeLeft((total - sent) / speed, texts) : "";
    const bar = find("bar");
    const before = Number(bar.getAttribute("aria-valuenow"));
    bar.setAttribute("aria-valuenow", percent);
    bar.firstElementChild.style.width = `${percent}%`;
    find("percent").textContent = `${percent}%`;
    find("amount").textContent = fill(texts.amount, {
      sent: fileSize(sent),
      total: fileSize(total),
    });
    find("rate").textContent = speed ? fill(texts.rate, { rate: fileSize(speed) }) : "";
    find("left").textContent = left ? fill(texts.left, { time: left }) : "";
    if (left && Math.floor(percent / 10) > Math.floor(before / 10)) {
      find("said").textContent = fill(texts.announcement, { percent, time: left });
    }
  }

  function put(file) {
    const rate = new Rate();
    rate.add(0);
    request = new XMLHttpRequest();
    const current = request;
    current.open("PUT", uploadUrl(file));
    current.setRequestHeader("X-CSRFToken", new FormData(form).get("csrfmiddlewaretoken"));
    current.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    find("sending-what").textContent = texts.uploading;
    current.upload.addEventListener("progress", (event) => {
      rate.add(event.loaded);
      showProgress(event.loaded, event.total, rate);
    });
    current.upload.addEventListener("load", () => {
      find("sending-what").textContent = find("said").textContent = texts.processing;
      find("rate").textContent = find("left").textContent = "";
    });
    current.addEventListener("load", () => {
      if (current.status !== 201) return showRejection(current.status, current.responseText);
      removeEventListener("beforeunload", confirmLeaving);
      return location.assign(JSON.parse(current.responseText).page);
    });
    current.addEventListener("error", async () => {
      // The server may have rejected the file and closed the connection early.
      if (await isAccepted(file)) showError(texts.lost, { tryAgain: true });
    });
    current.addEventListener("abort", () => {
      showError(texts.cancelled);
    });
    current.send(file);
  }

  async function send(file) {
    hideError();
    find("sending-what").textContent = texts.checking;
    find("sending-name").textContent = file.name;
    find("bar").setAttribute("aria-valuenow", 0);
    const rate = new Rate();
    rate.add(0);
    showProgress(0, file.size, rate);
    show("sending");
    form.querySelector(".cancel-sending").focus();
    if ((await isAccepted(file)) && !find("sending").hidden) put(file);
  }

  input.addEventListener("change", showSelected);
  showImporter();
  form.addEventListener("change", (event) => {
    if (event.target.name !== "importer") return;
    showImporter();
    showSelected();
  });
  form.addEventListener("submit", (event) => {
    const file = input.files[0];
    if (!file || form.elements.address.value) return;
    event.preventDefault();
    if (isTooLarge(file)) showTooLarge(file);
    else send(file);
  });
  find("trouble").querySelector("button").addEventListener("click", () => {
    form.requestSubmit();
  });
  form.querySelector(".cancel-sending").addEventListener("click", (event) => {
    event.preventDefault();
    if (request) request.abort();
    else showError(texts.cancelled);
  });

  for (const kind of ["dragenter", "dragover"]) {
    zone.addEventListener(kind, (event) => {
      event.preventDefault();
      zone.classList.add("is-over");
    });
  }
  zone.addEventListener("dragleave", () => zone.classList.remove("is-over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("is-over");
    const dropped = event.dataTransfer;
    if (dropped.files.length > 1) return showError(texts.several);
    if (dropped.items[0]?.webkitGetAsEntry()?.isDirectory) return showError(texts.folder);
    if (dropped.files.length === 1) {
      input.files = dropped.files;
      showSelected();
    }
    return undefined;
  });
})();
