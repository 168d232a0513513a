// Sends a file in parts, and continues after a lost connection, a pause or a reload.
"use strict";

class UploadError extends Error {
  constructor(status, body) {
    super(body);
    this.status = status;
    this.body = body;
  }

  // Whether the same request may succeed later.
  get isTemporary() {
    return [0, 408, 409, 423, 425, 429].includes(this.status) || this.status >= 500;
  }
}

class ResumableUpload {
  static PART = 8 * 1024 * 1024;
  static #SLICE = 1024 * 1024;
  static #LONGEST_WAIT = 30000;
  #file;
  #token;
  #hash = new Sha256();
  #hashed = 0;
  #request = null;
  #url = "";
  #isCancelled = false;
  #isPaused = false;
  #wake = () => {};

  // `onProgress(sent)` and `onWaiting(isWaiting)` tell the page what happens.
  constructor(file, token, { onProgress, onWaiting }) {
    this.#file = file;
    this.#token = token;
    this.onProgress = onProgress;
    this.onWaiting = onWaiting;
  }

  get isPaused() {
    return this.#isPaused;
  }

  // Create the upload at a URL, or continue the unfinished one of the same file.
  // Returns the bytes that the server has.
  async start(url) {
    const created = await this.#send("POST", url);
    this.#url = created.url;
    this.offset = created.offset;
    return this.offset;
  }

  // Send the rest of the file.
  async run() {
    let failures = 0;
    while (!this.#isCancelled && this.offset < this.#file.size) {
      if (this.#isPaused) {
        await this.#sleep();
        continue;
      }
      try {
        await this.#sendPart();
        failures = 0;
        this.onWaiting(false);
      } catch (error) {
        if (this.#isCancelled || this.#isPaused) continue;
        if (!(error instanceof UploadError) || !error.isTemporary) throw error;
        failures += 1;
        await this.#recover(failures);
      }
    }
  }

  // Start the import at a URL with the digest of the file; returns the server's answer.
  async finish(url) {
    await this.#hashUpTo(this.#file.size);
    const address = `${this.#url}import/?${url}&sha256=${this.#hash.digest()}`;
    for (let failures = 1; ; failures += 1) {
      try {
        return await this.#send("POST", address);
      } catch (error) {
        if (this.#isCancelled || !error.isTemporary) throw error;
        await this.#wait(failures);
      }
    }
  }

  pause() {
    this.#isPaused = true;
    this.#request?.abort();
  }

  async resume() {
    this.#isPaused = false;
    this.#wake();
  }

  // Stop, and delete what the server has.
  async cancel() {
    this.#isCancelled = true;
    this.#request?.abort();
    this.#wake();
    if (this.#url) await this.#send("DELETE", this.#url).catch(() => {});
  }

  async #sendPart() {
    const start = this.offset;
    const part = this.#file.slice(start, start + ResumableUpload.PART);
    const answer = await this.#send("PUT", `${this.#url}?offset=${start}`, part, (sent) =>
      this.onProgress(start + sent),
    );
    this.offset = answer.offset;
    this.onProgress(this.offset);
    await this.#hashUpTo(this.offset);
  }

  // Wait, then ask what the server has received; it keeps the beginning of a part.
  async #recover(failures) {
    await this.#wait(failures);
    try {
      this.offset = (await this.#send("GET", this.#url)).offset;
      this.onProgress(this.offset);
    } catch (error) {
      if (!error.isTemporary) throw error;
    }
  }

  async #wait(failures) {
    this.onWaiting(true);
    const longest = ResumableUpload.#LONGEST_WAIT;
    await this.#sleep(Math.min(500 * 2 ** failures, longest));
  }

  // Sleep until the time is over, the browser is online again, or somebody acts.
  #sleep(milliseconds) {
    return new Promise((resolve) => {
      const timer = milliseconds ? setTimeout(resolve, milliseconds) : 0;
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      addEventListener("online", this.#wake, { once: true });
    });
  }

  async #hashUpTo(end) {
    if (end < this.#hashed) {
      this.#hash = new Sha256();
      this.#hashed = 0;
    }
    while (this.#hashed < end && !this.#isCancelled) {
      const next = Math.min(this.#hashed + ResumableUpload.#SLICE, end);
      const bytes = await this.#file.slice(this.#hashed, next).arrayBuffer();
      this.#hash.update(new Uint8Array(bytes));
      this.#hashed = next;
    }
  }

  #send(method, url, body = null, onProgress = () => {}) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      this.#request = request;
      request.open(method, url);
      request.setRequestHeader("X-CSRFToken", this.#token);
      if (body) request.setRequestHeader("Content-Type", "application/octet-stream");
      request.upload.addEventListener("progress", (event) => onProgress(event.loaded));
      request.addEventListener("load", () => {
        const text = request.responseText;
        if (request.status >= 300) return reject(new UploadError(request.status, text));
        return resolve(JSON.parse(text));
      });
      for (const event of ["error", "abort"]) {
        request.addEventListener(event, () => reject(new UploadError(0, "")));
      }
      request.send(body);
    });
  }
}
