// A new import's file: dropped or chosen, then sent as it is, with its progress shown.
// Without this script the form sends it as any form does.
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
  // The theme's script would look for the text field of its own widget, and fail.
  input.hasChangeListener = true;

  const warnOfLeaving = (event) => event.preventDefault();

  function show(name) {
    find("parts").hidden = name !== "parts";
    find("sending").hidden = name !== "sending";
    const change = name === "sending" ? addEventListener : removeEventListener;
    change("beforeunload", warnOfLeaving);
  }

  function hideTrouble() {
    find("trouble").hidden = true;
  }

  // Say what went wrong where the file is chosen; a way on is a link or a button.
  function tell(message, { logIn = false, tryAgain = false } = {}) {
    request = null;
    show("parts");
    const trouble = find("trouble");
    const [link, button] = [trouble.querySelector("a"), trouble.querySelector("button")];
    trouble.querySelector("p").textContent = message;
    link.hidden = !logIn;
    link.href = form.dataset.login;
    link.textContent = texts.logIn;
    button.hidden = !tryAgain;
    button.textContent = texts.tryAgain;
    trouble.hidden = false;
    trouble.focus();
  }

  function isTooLarge(file) {
    return file.size > limit;
  }

  function tellTooLarge(file) {
    const [size, most] = [fileSize(file.size), fileSize(limit)];
    tell(fill(texts.tooLarge, { size, limit: most }));
  }

  function showChosen() {
    const file = input.files[0];
    const chosen = find("chosen");
    chosen.textContent = "";
    hideTrouble();
    if (!file) return;
    chosen.textContent = fill(texts.chosen, { name: file.name, size: fileSize(file.size) });
    const importer = form.querySelector("[name=importer]:checked");
    const suffixes = importer ? importer.dataset.suffixes.split(" ") : [];
    if (importer && !suffixes.some((end) => file.name.toLowerCase().endsWith(end))) {
      const hint = document.createElement("small");
      hint.textContent = fill(texts.otherName, { suffixes: suffixes.join(", ") });
      chosen.append(hint);
    }
    if (isTooLarge(file)) tellTooLarge(file);
  }

  function address(file) {
    const fields = new FormData(form);
    const query = new URLSearchParams({
      importer: fields.get("importer"),
      replaces: fields.get("replaces") ?? "",
      name: file.name,
      size: file.size,
    });
    return `${form.dataset.upload}?${query}`;
  }

  function tellRefusal(status, body) {
    if (status === 403) return tell(texts.refused, { logIn: true });
    let message = texts.failed;
    try {
      message = JSON.parse(body).message ?? message;
    } catch {
      // an answer of the server in between, such as a proxy's page
    }
    return tell(message, { tryAgain: true });
  }

  // Ask whether the server would take it; true if it would.
  async function ask(file) {
    try {
      const answer = await fetch(address(file));
      if (answer.ok) return true;
      tellRefusal(answer.status, await answer.text());
    } catch {
      tell(texts.lost, { tryAgain: true });
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
    find("percent").textContent = `${percent} %`;
    find("amount").textContent = fill(texts.amount, {
      sent: fileSize(sent),
      total: fileSize(total),
    });
    find("rate").textContent = speed ? fill(texts.rate, { rate: fileSize(speed) }) : "";
    find("left").textContent = left ? fill(texts.left, { time: left }) : "";
    if (left && Math.floor(percent / 10) > Math.floor(before / 10)) {
      find("said").textContent = fill(texts.said, { percent, time: left });
    }
  }

  function put(file) {
    const rate = new Rate();
    rate.add(0);
    request = new XMLHttpRequest();
    const current = request;
    current.open("PUT", address(file));
    current.setRequestHeader("X-CSRFToken", new FormData(form).get("csrfmiddlewaretoken"));
    current.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    find("sending-what").textContent = texts.sending;
    current.upload.addEventListener("progress", (event) => {
      rate.add(event.loaded);
      showProgress(event.loaded, event.total, rate);
    });
    current.upload.addEventListener("load", () => {
      find("sending-what").textContent = find("said").textContent = texts.looking;
      find("rate").textContent = find("left").textContent = "";
    });
    current.addEventListener("load", () => {
      if (current.status !== 201) return tellRefusal(current.status, current.responseText);
      removeEventListener("beforeunload", warnOfLeaving);
      return location.assign(JSON.parse(current.responseText).page);
    });
    current.addEventListener("error", async () => {
      // The server may have refused the rest without the answer getting through.
      if (await ask(file)) tell(texts.lost, { tryAgain: true });
    });
    current.addEventListener("abort", () => {
      tell(texts.cancelled);
    });
    current.send(file);
  }

  async function send(file) {
    hideTrouble();
    find("sending-what").textContent = texts.asking;
    find("sending-name").textContent = file.name;
    find("bar").setAttribute("aria-valuenow", 0);
    const nothing = new Rate();
    nothing.add(0);
    showProgress(0, file.size, nothing);
    show("sending");
    form.querySelector(".cancel-sending").focus();
    if ((await ask(file)) && !find("sending").hidden) put(file);
  }

  input.addEventListener("change", showChosen);
  form.addEventListener("change", (event) => {
    if (event.target.name === "importer") showChosen();
  });
  form.addEventListener("submit", (event) => {
    const file = input.files[0];
    if (!file || form.elements.address.value) return;
    event.preventDefault();
    if (isTooLarge(file)) tellTooLarge(file);
    else send(file);
  });
  find("trouble").querySelector("button").addEventListener("click", () => {
    form.requestSubmit();
  });
  form.querySelector(".cancel-sending").addEventListener("click", (event) => {
    event.preventDefault();
    if (request) request.abort();
    else tell(texts.cancelled);
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
    if (dropped.files.length > 1) return tell(texts.several);
    if (dropped.items[0]?.webkitGetAsEntry()?.isDirectory) return tell(texts.folder);
    if (dropped.files.length === 1) {
      input.files = dropped.files;
      showChosen();
    }
    return undefined;
  });
})();
