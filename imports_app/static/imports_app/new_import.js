// Uploads the file of a new import by drag and drop or file input, with progress, pause
// and continuation after a lost connection (resumable_upload.js).
// Without this script, the browser submits the form.
"use strict";

(() => {
  const form = document.getElementById("new-import");
  const texts = JSON.parse(document.getElementById("upload-texts").textContent);
  const find = (id) => document.getElementById(id);
  const input = find("id_file");
  const zone = find("drop-zone");
  const limit = Number(form.dataset.limit);
  let upload = null;

  form.classList.add("has-script");
  // Keeps the theme's script from attaching its own listener, which fails here.
  input.hasChangeListener = true;

  const confirmLeaving = (event) => event.preventDefault();

  function show(name) {
    find("parts").hidden = name !== "parts";
    find("sending").hidden = name !== "sending";
    if (find("unfinished")) find("unfinished").hidden = name !== "parts";
    const change = name === "sending" ? addEventListener : removeEventListener;
    change("beforeunload", confirmLeaving);
  }

  function hideError() {
    find("trouble").hidden = true;
  }

  // Show an error above the file input, with a link or button to continue.
  function showError(message, { logIn = false, tryAgain = false } = {}) {
    upload = null;
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

  function importFields() {
    const fields = new FormData(form);
    return { importer: fields.get("importer"), replaces: fields.get("replaces") ?? "" };
  }

  function uploadUrl(file) {
    const query = new URLSearchParams({
      ...importFields(),
      name: file.name,
      size: file.size,
      modified: file.lastModified,
      type: file.type,
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

  function showWaiting(isWaiting) {
    const box = find("waiting");
    if (box.hidden !== isWaiting) return;
    box.textContent = isWaiting ? texts.waiting : "";
    box.hidden = !isWaiting;
    find("rate").textContent = find("left").textContent = "";
  }

  function showState(text) {
    find("sending-what").textContent = text;
    form.querySelector(".pause-sending").textContent = upload?.isPaused ? texts.resume : texts.pause;
  }

  function showFailure(error) {
    if (!(error instanceof UploadError)) return showError(texts.unreadable);
    if (!error.status) return showError(texts.lost, { tryAgain: true });
    return showRejection(error.status, error.body);
  }

  async function send(file) {
    hideError();
    const rate = new Rate();
    rate.add(0);
    const token = new FormData(form).get("csrfmiddlewaretoken");
    const current = new ResumableUpload(file, token, {
      onProgress: (sent) => {
        rate.add(sent);
        showProgress(sent, file.size, rate);
      },
      onWaiting: showWaiting,
    });
    upload = current;
    showState(texts.checking);
    showWaiting(false);
    find("sending-name").textContent = file.name;
    find("bar").setAttribute("aria-valuenow", 0);
    showProgress(0, file.size, rate);
    show("sending");
    form.querySelector(".pause-sending").hidden = false;
    form.querySelector(".cancel-sending").focus();
    try {
      const known = await current.start(uploadUrl(file));
      showState(known ? texts.continuing : texts.uploading);
      showProgress(known, file.size, rate);
      await current.run();
      if (upload !== current) return;
      form.querySelector(".pause-sending").hidden = true;
      find("sending-what").textContent = find("said").textContent = texts.processing;
      const answer = await current.finish(new URLSearchParams(importFields()));
      removeEventListener("beforeunload", confirmLeaving);
      location.assign(answer.page);
    } catch (error) {
      if (upload === current) showFailure(error);
    }
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
  form.querySelector(".pause-sending").addEventListener("click", (event) => {
    event.preventDefault();
    if (upload.isPaused) upload.resume();
    else upload.pause();
    showState(upload.isPaused ? texts.paused : texts.uploading);
    find("rate").textContent = find("left").textContent = "";
  });
  form.querySelector(".cancel-sending").addEventListener("click", (event) => {
    event.preventDefault();
    upload?.cancel();
    showError(texts.cancelled);
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
