/** The collection that another session library has used. */
export interface OldDocuments {
  readonly collectionName: string;
  /** The document as the primary has it. Undefined: there is none. */
  find(field: string, id: unknown): Promise<Record<string, unknown> | undefined>;
  /** Resolves when a majority has removed it, or when there is none. */
  remove(field: string, id: unknown): Promise<void>;
}
