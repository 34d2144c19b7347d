export interface GateHooks {
  /** Answers in place of the answer that could not be sent. What has not been logged is logged, unless the app does. */
  answerFailure(error: unknown, isLogged: boolean): void;
  log(message: string): void;
  warnOnce(message: string): void;
}

/** One answer, and what may become of it. */
export interface Answer {
  /** Called when the answer has to wait, before anyone can look. */
  hold?: () => void;
  send: () => void;
  refuse: (error: unknown) => void;
}
