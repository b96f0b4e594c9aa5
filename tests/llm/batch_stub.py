"""OpenAI's Batch interface on loopback: files and batches that end when and as a test says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.llm.stub import chat

Outcome = dict[str, Any] | None


def answered(text: str) -> Outcome:
    """A good answer."""
    return {"response": {"status_code": 200, "request_id": "r", "body": chat(text, "stop", None)}, "error": None}


def refused(status: int, message: str, code: str = "") -> Outcome:
    """An answer with an error status."""
    error = {"message": message, "code": code, "type": "x"}
    return {"response": {"status_code": status, "request_id": "r", "body": {"error": error}}, "error": None}


def lost(code: str, message: str) -> Outcome:
    """No answer at all, with a reason."""
    return {"response": None, "error": {"code": code, "message": message}}


class BatchStub:
    """The server. `answers` gives each line's outcome, None for a line that is in neither file at the end.

    Batches wait until `end` is called. `files` holds what was uploaded, `created` the batches that were made.
    """

    def __init__(self, answers: Callable[[dict[str, Any]], Outcome]) -> None:
        self._answers = answers
        self.files: dict[str, str] = {}
        self.created: list[dict[str, Any]] = []
        self.refuse_files: tuple[int, str] | None = None
        self._runner: web.AppRunner | None = None
        self.base = ""

    def lines(self, batch: int = 0) -> list[dict[str, Any]]:
        """The input of one batch."""
        return [json.loads(line) for line in self.files[self.created[batch]["input_file_id"]].splitlines()]

    def end(self, status: str = "completed", batch: int = 0, errors: list[str] | None = None) -> None:
        """End one batch: good answers into its output file, all others into its error file."""
        made = self.created[batch]
        made["status"] = status
        if errors is not None:
            made["errors"] = {"object": "list", "data": [{"message": text} for text in errors]}
            return
        output: list[str] = []
        failed: list[str] = []
        for line in reversed(self.lines(batch)):
            outcome = self._answers(line)
            if outcome is not None:
                good = (outcome["response"] or {}).get("status_code") == 200
                (output if good else failed).append(json.dumps({"custom_id": line["custom_id"], **outcome}))
        made["output_file_id"] = self._keep("\n".join(output)) if output else None
        made["error_file_id"] = self._keep("\n".join(failed)) if failed else None

    def _keep(self, content: str) -> str:
        name = f"file-{len(self.files)}"
        self.files[name] = content
        return name

    async def _upload(self, request: web.Request) -> web.Response:
        if self.refuse_files is not None:
            status, message = self.refuse_files
            return web.json_response({"error": {"message": message}}, status=status)
        form = await request.post()
        assert form["purpose"] == "batch"
        name = self._keep(form["file"].file.read().decode())  # type: ignore[union-attr]
        made = {"id": name, "object": "file", "bytes": 1, "created_at": 1, "filename": "x", "purpose": "batch"}
        return web.json_response({**made, "status": "processed"})

    async def _content(self, request: web.Request) -> web.Response:
        return web.Response(text=self.files[request.match_info["id"]])

    async def _create(self, request: web.Request) -> web.Response:
        asked = await request.json()
        batch = {
            "id": f"batch_{len(self.created)}",
            "object": "batch",
            "created_at": 1,
            "status": "validating",
            **asked,
        }
        self.created.append(batch)
        return web.json_response(batch)

    async def _list(self, request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": self.created[::-1], "has_more": False})

    async def _one(self, request: web.Request) -> web.Response:
        return web.json_response(next(b for b in self.created if b["id"] == request.match_info["id"]))

    async def _cancel(self, request: web.Request) -> web.Response:
        found = next(b for b in self.created if b["id"] == request.match_info["id"])
        found["status"] = "cancelling"
        return web.json_response(found)

    async def __aenter__(self) -> BatchStub:
        app = web.Application(client_max_size=10**9)
        app.router.add_post("/v1/files", self._upload)
        app.router.add_get("/v1/files/{id}/content", self._content)
        app.router.add_post("/v1/batches", self._create)
        app.router.add_get("/v1/batches", self._list)
        app.router.add_get("/v1/batches/{id}", self._one)
        app.router.add_post("/v1/batches/{id}/cancel", self._cancel)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()
