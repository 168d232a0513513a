// SHA-256 of a stream (FIPS 180-4). The browser's own crypto.subtle takes whole files
// only, and is not available on plain http.
"use strict";

class Sha256 {
  static #constants = Sha256.#fractions(64, 1 / 3);
  #state = Sha256.#fractions(8, 1 / 2);
  #words = new Int32Array(64);
  #rest = new Uint8Array(64);
  #filled = 0;
  #length = 0;

  // The first 32 bits of the fractional parts of roots of the first primes.
  static #fractions(count, power) {
    const primes = [];
    for (let number = 2; primes.length < count; number += 1) {
      if (primes.every((prime) => number % prime)) primes.push(number);
    }
    return Int32Array.from(primes, (prime) => ((prime ** power % 1) * 2 ** 32) | 0);
  }

  update(bytes) {
    this.#length += bytes.length;
    let position = 0;
    if (this.#filled) {
      position = Math.min(64 - this.#filled, bytes.length);
      this.#rest.set(bytes.subarray(0, position), this.#filled);
      this.#filled += position;
      if (this.#filled < 64) return;
      this.#block(this.#rest, 0);
      this.#filled = 0;
    }
    for (; position + 64 <= bytes.length; position += 64) this.#block(bytes, position);
    this.#rest.set(bytes.subarray(position));
    this.#filled = bytes.length - position;
  }

  // Return the digest in hexadecimal; the object can't be used afterwards.
  digest() {
    const length = this.#length;
    const padding = new Uint8Array(((119 - (length % 64)) % 64) + 9);
    padding[0] = 0x80;
    const view = new DataView(padding.buffer);
    view.setUint32(padding.length - 8, Math.floor(length / 2 ** 29));
    view.setUint32(padding.length - 4, (length << 3) >>> 0);
    this.update(padding);
    return Array.from(this.#state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }

  #block(bytes, start) {
    const words = this.#words;
    const constants = Sha256.#constants;
    for (let i = 0; i < 16; i += 1) {
      const at = start + 4 * i;
      words[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    }
    for (let i = 16; i < 64; i += 1) {
      const x = words[i - 15];
      const y = words[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      words[i] = (words[i - 16] + s0 + words[i - 7] + s1) | 0;
    }
    const state = this.#state;
    let a = state[0];
    let b = state[1];
    let c = state[2];
    let d = state[3];
    let e = state[4];
    let f = state[5];
    let g = state[6];
    let h = state[7];
    for (let i = 0; i < 64; i += 1) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const one = (h + s1 + ((e & f) ^ (~e & g)) + constants[i] + words[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + one) | 0;
      d = c;
      c = b;
      b = a;
      a = (one + two) | 0;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
  }
}
