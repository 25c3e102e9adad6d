/** A promise that the system makes was not kept. */
export class Broken extends Error {
  override readonly name = 'Broken';
}
