export interface RequestProperty {
  readonly get: (this: object) => unknown;
  readonly set: (this: object, value: unknown) => void;
  readonly configurable: true;
}

/** `request.session`, and what else belongs to it. */
export interface SessionProperties {
  readonly session: RequestProperty;
  readonly [name: PropertyKey]: RequestProperty;
}
