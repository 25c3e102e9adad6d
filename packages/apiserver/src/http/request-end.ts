/** One for all: making an error for each request that ends is slow. */
const requestOver = new DOMException('the request is over', 'AbortError');

/** Tells when nobody waits for an answer any more. Its signal is made for who asks: most answers are written at once. */
export class RequestEnd {
  #controller: AbortController | undefined;
  #hasCome = false;

  /** Aborts when the answer is written, the client is gone, or the server closes. */
  get signal(): AbortSignal {
    if (this.#controller) return this.#controller.signal;
    this.#controller = new AbortController();
    if (this.#hasCome) this.#controller.abort(requestOver);
    return this.#controller.signal;
  }

  come(): void {
    this.#hasCome = true;
    this.#controller?.abort(requestOver);
  }
}
