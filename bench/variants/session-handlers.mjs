/** The handlers of every variant whose session is an object at the request; how a login begins another one is the variant's. */
export class SessionHandlers {
  read({ session }) {
    return { user: session.user ?? 'nobody', views: session.views ?? 0 };
  }

  write({ session }) {
    session.views = (session.views ?? 0) + 1;
    return { user: session.user ?? 'nobody', views: session.views };
  }

  async login(request) {
    const { user } = request.query;
    const views = (request.session.views ?? 0) + 1;
    await this.renew(request, user);
    // Not the session of before: the others put a new one at the request.
    Object.assign(request.session, { user, views });
    return { user, views };
  }

  seed(request, data) {
    Object.assign(request.session, data);
  }

  async seedLoggedIn(request, data) {
    await this.renew(request, data.user);
    this.seed(request, { ...data, ...this.userFields(data.user) });
  }

  /** What a session without members of its own for it keeps of a login. */
  userFields(userId) {
    return { userId, authenticatedAt: new Date() };
  }
}
