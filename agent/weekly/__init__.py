"""The week in one place: what moved, what waits to be looked at, whom to coach. On a page, and sent on Monday."""
