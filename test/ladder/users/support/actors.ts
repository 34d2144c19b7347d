// What the requests and administrators of a race do.
import type { UserDirectory } from '../../../../lib/core/users/user-directory.js';
import type { AnySession, Browser } from '../../../support/core/world.js';

/** The user of a race, as it is before it. */
export interface Scene {
  readonly userId: string;
  /** Browsers with a session of the user, the oldest first. */
  readonly before: readonly Browser[];
  /** A new browser, or one with a session of nobody. */
  visitor(hasSession: boolean): Promise<Browser>;
}

interface LoginActor {
  readonly kind: 'login';
  readonly isLimited: boolean;
  /** Whether there is one session more afterwards, as far as there is room. */
  readonly isNew: boolean;
  readonly browser: (scene: Scene) => Promise<Browser> | Browser;
  /** Whether it is another user's in between. */
  readonly isBack?: boolean;
}

interface RevokingActor {
  readonly kind: 'revocation';
  readonly act: (directory: UserDirectory, scene: Scene) => Promise<unknown>;
}

/** What the user does meanwhile with the session that was used least recently. */
interface VisitingActor {
  readonly kind: 'visit';
  /** By how many sessions there are fewer. */
  readonly ends: 0 | 1;
  readonly act: (session: AnySession) => Promise<unknown>;
}

export const ACTORS = {
  'a login': { kind: 'login', isLimited: true, isNew: true, browser: (scene) => scene.visitor(false) },
  'a login in a session of nobody': {
    kind: 'login',
    isLimited: true,
    isNew: true,
    browser: (scene) => scene.visitor(true),
  },
  'a login again': {
    kind: 'login',
    isLimited: true,
    isNew: false,
    browser: (scene) => scene.before[0] ?? scene.visitor(false),
  },
  'a login as another and back': {
    kind: 'login',
    isLimited: true,
    isNew: false,
    isBack: true,
    browser: (scene) => scene.before[0] ?? scene.visitor(false),
  },
  'a login without a limit': { kind: 'login', isLimited: false, isNew: true, browser: (scene) => scene.visitor(false) },
  'a logout': { kind: 'visit', ends: 1, act: (session) => session.logout() },
  'a touch': { kind: 'visit', ends: 0, act: (session) => session.touch() },
  'a regenerate that keeps nothing': { kind: 'visit', ends: 1, act: (session) => session.regenerate() },
  revokeAll: {
    kind: 'revocation',
    act: (directory, { userId }) => directory.revokeAll(userId, { cause: 'app' }),
  },
  revokeOthers: {
    kind: 'revocation',
    act: (directory, { userId, before }) => {
      const { handle } = before[0]!;
      return directory.revokeAll(userId, { cause: 'user', by: handle }, { kept: handle, spared: handle });
    },
  },
  revokeEverybody: {
    kind: 'revocation',
    act: (directory) => directory.revokeEverybody({ cause: 'app' }),
  },
  revoke: {
    kind: 'revocation',
    act: (directory, { userId, before }) => directory.revoke(before[0]!.handle, { userId }, { cause: 'app' }),
  },
  'a stranger revokes': {
    kind: 'revocation',
    act: (directory, { before }) => directory.revoke(before[1]!.handle, { userId: 'a stranger' }, { cause: 'user' }),
  },
} as const satisfies Record<string, LoginActor | RevokingActor | VisitingActor>;

export type ActorName = keyof typeof ACTORS;
