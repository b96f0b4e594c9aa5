"""The image's steps by hand, where Docker cannot run: built from what the Dockerfile copies, then run by a user without
rights in a mount namespace whose root is read-only. Only the workspace can be written to, as in compose.yaml.

The interpreter is this one, not the image's; the image's own layers are not tested here.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from agent.app.queue.store import Jobs
from agent.scoring.job import queue_scoring
from agent.settings import Settings
from agent.workspace import Workspace
from tests.core.test_privacy import free_port
from tests.deploy.files import ROOT, Step, image_steps, last
from tests.jobs.made import GOOD, fill
from tests.llm.stub import Stub, says

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.getuid() != 0, reason="only root can make a mount namespace"),
]
NOBODY = 65534
CALLS = 12
# Home of the interpreter, which may lie where only root can look.
BASE = Path(sys.base_prefix).resolve()

# Root read-only, the workspace not; the interpreter is put back where its folder was closed to others. What is made here
# must be open to nobody's eyes whatever mask the tests are started under.
ENTER = """
set -e
umask 022
mkdir -p "$HIDDEN"; mount --bind "$BASE" "$HIDDEN"
mount -t tmpfs -o mode=755 tmpfs /root
case "$BASE" in /root/*) mkdir -p "$BASE"; mount --bind "$HIDDEN" "$BASE";; esac
mount --bind "$DATA" "$DATA"
mount -o remount,bind,ro /root; mount -o remount,bind,ro /
for one in $(awk '$2 ~ "^/(tmp|var|run|home|dev/shm|work|mnt)" && $2 != ENVIRON["DATA"] {print $2}' /proc/self/mounts); do
  mount -o remount,bind,ro "$one" || true
done
exec setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --bounding-set=-all "$@"
"""


@pytest.fixture(scope="module")
def image():
    """A folder with `opt`, the installed program, and `data`, the workspace of nobody."""
    probe = subprocess.run(["unshare", "--mount", "true"], capture_output=True)
    if probe.returncode != 0:
        pytest.skip("mount namespaces are not allowed here")
    if not all(path.stat().st_mode & 0o001 for path in (BASE, BASE / "bin", Path(sys.executable).resolve())):
        pytest.skip(f"the interpreter in {BASE} is closed to all but its owner")
    place = Path(tempfile.mkdtemp(prefix="closeread-image-", dir="/var/tmp"))
    place.chmod(0o755)
    for step in (step for step in image_steps() if step.stage == 0):
        _build(step, place)
    # In the image files are copied under a mask of 022.
    subprocess.run(["chmod", "-R", "a+rX", str(place)], check=True)
    yield place
    shutil.rmtree(place)


def _build(step: Step, place: Path) -> None:
    source = place / "src"
    source.mkdir(exist_ok=True)
    if step.word == "COPY":
        for name in step.listed[:-1]:
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, source / name)
    elif step.word == "RUN" and step.rest.startswith("uv "):
        uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
        told = {"UV_PROJECT_ENVIRONMENT": str(place / "opt"), "UV_LINK_MODE": "copy", "UV_PYTHON": sys.executable}
        done = subprocess.run(
            [uv, *shlex.split(step.rest)[1:]], cwd=source, env={**os.environ, **told}, capture_output=True
        )
        assert done.returncode == 0, done.stderr.decode()


async def confined(image: Path, data: Path, *words: str, **variables: str) -> asyncio.subprocess.Process:
    """`closeread` with these words, as nobody, where only `data` can be written to."""
    image_env = dict(pair.split("=", 1) for pair in shlex.split(last("ENV").rest) if not pair.startswith("PATH="))
    inside = image_env | {"CLOSEREAD_WORKSPACE": str(data), "HOME": "/nonexistent", "PATH": "/usr/bin:/bin"} | variables
    mounting = {
        "DATA": str(data),
        "BASE": str(BASE),
        "HIDDEN": str(image / "interpreter"),
        "PATH": os.environ["PATH"],
    }
    assigned = [f"{key}={value}" for key, value in inside.items()]
    command = [
        "env",
        "--ignore-environment",
        *assigned,
        str(image / "opt/bin/python"),
        str(image / "opt/bin/closeread"),
    ]
    return await asyncio.create_subprocess_exec(
        *["unshare", "--mount", "--propagation", "private", "sh", "-c", ENTER, "sh", *command, *words],
        env=mounting,
        cwd="/",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


def owned(data: Path) -> Path:
    """`data`, made for nobody."""
    data.mkdir(exist_ok=True)
    for path in (data, *data.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    return data


async def test_the_cage_holds(image):
    """What the other tests rest on: writing fails everywhere but in the workspace."""
    data = owned(image / "cage")
    program = "import sys, tempfile; [open(p + '/x', 'w') for p in sys.argv[1:]]"
    for folder, works in ((data, True), (Path("/tmp"), False), (Path("/var/tmp"), False), (image / "opt", False)):
        caged = await confined(image, data, "--version")
        assert await caged.wait() == 0
        attempt = await asyncio.create_subprocess_exec(
            *["unshare", "--mount", "--propagation", "private", "sh", "-c", ENTER, "sh"],
            *[str(image / "opt/bin/python"), "-c", program, str(folder)],
            env={
                "DATA": str(data),
                "BASE": str(BASE),
                "HIDDEN": str(image / "interpreter"),
                "PATH": os.environ["PATH"],
            },
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await attempt.communicate()
        assert (attempt.returncode == 0) is works, (folder, said)


async def test_serve_writes_nowhere_but_the_workspace(image):
    data, port = owned(image / "web"), free_port()
    web = await confined(image, data, "serve", "--port", str(port))
    try:
        answers = {}
        for path in ("/healthz", "/readyz", "/metrics", "/sign-in"):
            answers[path] = await asyncio.to_thread(_status, port, path, web)
        assert answers == dict.fromkeys(answers, 200)
    finally:
        if web.returncode is None:
            web.terminate()
        said, _ = await asyncio.wait_for(web.communicate(), 30)
    assert b"Read-only file system" not in said, said.decode()
    assert {"closeread.db", "secret-key"} <= {path.name for path in data.iterdir()}


def _status(port: int, path: str, process: asyncio.subprocess.Process) -> int:
    for _ in range(150):
        try:
            with urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return int(answer.status)
        except OSError:
            if process.returncode is not None:
                break
            time.sleep(0.2)
    return 0


async def test_worker_writes_nowhere_but_the_workspace(image):
    data = image / "work"
    data.mkdir()
    async with Stub(says(GOOD)) as stub:
        environment = {"CLOSEREAD_MODEL": "openai/stub-1", "CLOSEREAD_API_BASE": f"{stub.base}/v1"}
        space = Workspace(Settings.read(data, environment))
        fill(space, CALLS)
        job = queue_scoring(space, by="Ann")
        assert job is not None
        space.store.close()
        owned(data)
        worker = await confined(image, data, "worker", "--until-idle", "--metrics-port", "0", **environment)
        said, _ = await asyncio.wait_for(worker.communicate(), 90)
    assert worker.returncode == 0, said.decode()
    assert b"Read-only file system" not in said, said.decode()
    assert space.store[Jobs].progress(job.id).done == CALLS
    space.store.close()
