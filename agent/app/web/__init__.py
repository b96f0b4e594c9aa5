"""The web application and the API: pages, routes, sign-in. Everything it shows comes from `agent.services` and a store
that is scoped to whoever asks."""
