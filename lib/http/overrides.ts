/** Own properties put over an object's, with what was there before, so that they can be taken away again. */
export class Overrides {
  readonly #before = new Map<string, PropertyDescriptor | undefined>();

  constructor(private readonly target: object) {}

  set(name: string, property: { value: unknown } | { get(): unknown }): void {
    if (!this.#before.has(name)) this.#before.set(name, Object.getOwnPropertyDescriptor(this.target, name));
    const writable = 'value' in property ? { writable: true } : {};
    Object.defineProperty(this.target, name, { ...property, ...writable, configurable: true, enumerable: true });
  }

  /** Also takes away what others have put over these properties since. */
  undo(): void {
    for (const [name, before] of this.#before) {
      if (before) Object.defineProperty(this.target, name, before);
      else Reflect.deleteProperty(this.target, name);
    }
    this.#before.clear();
  }
}
