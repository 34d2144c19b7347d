// No session at all: what HTTP and the framework take. The empty middleware says what it takes that any middleware is there.

const ANSWER = { user: 'u000', views: 100 };

class NoHandlers {
  read() {
    return ANSWER;
  }

  write() {
    return ANSWER;
  }

  login() {
    return ANSWER;
  }

  seed() {}

  seedLoggedIn() {}
}

export function noneVariant() {
  return { handlers: NoHandlers };
}

export function emptyMiddlewareVariant() {
  return {
    handlers: NoHandlers,
    prepare(app) {
      app.getHttpAdapter().use((_request, _response, next) => next());
    },
  };
}
