"""Keeps two editors from silently overwriting each other: every change must name the version it changes."""

from fastapi import Request, Response

from agent.app.web.problems import HttpProblem


def etag(version: object) -> str:
    """The entity tag of a version, which is a number or an id."""
    return f'"{version}"'


def tell(response: Response, version: object) -> None:
    """Set the `ETag` header to the version."""
    response.headers["ETag"] = etag(version)


def check(request: Request, version: object) -> None:
    """428 if the request does not say which version it changes, 412 if that is not the current one.

    Compare again inside the transaction that writes: between this check and the write somebody may be faster.
    """
    given = request.headers.get("if-match")
    if given is None:
        raise HttpProblem(428, "precondition_required", "send If-Match with the ETag of the version you changed")
    tags = {tag.strip() for tag in given.split(",")}
    if "*" not in tags and etag(version) not in tags:
        raise HttpProblem(
            412,
            "precondition_failed",
            "somebody else changed this since you loaded it; load it again and repeat your change",
            {"ETag": etag(version)},
        )
