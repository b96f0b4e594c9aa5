"""The web application and the API: pages, routes, sign-in. Everything it shows comes from `agent.services` and a store
that is scoped to whoever asks."""

import agent.app.web.segments  # noqa: F401  before any route is made
