"""The files under deploy/ against the program: commands, variables, ports, times. Docker itself is not needed."""

import re
import shutil
import subprocess

import pytest
import typer

from agent.main import app
from agent.settings import Environment
from tests.deploy.files import DEPLOY, ROOT, UNITS, commands, compose, image_steps, last, option, unit, variables


@pytest.mark.parametrize(
    ("where", "words"), list(commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_commands_are_the_programs(where, words):
    """Click parses them: every option exists, every value fits."""
    group = typer.main.get_command(app)
    name, command, rest = group.resolve_command(typer.Context(group), list(words))
    assert name in ("serve", "worker")
    command.make_context(name, rest)


def test_there_are_commands_of_every_file():
    places = {where.split()[0] for where, _ in commands()}
    assert places == {"Dockerfile", "compose.yaml", *(path.name for path in UNITS)}
    assert [where for where, words in commands() if words[0] == "worker" and "compose" in where] == [
        "compose.yaml worker-1",
        "compose.yaml worker-2",
    ]


def test_variables_are_read_by_the_program():
    named = set(variables())
    assert ("closeread.env.example", "CLOSEREAD_DATABASE_URL") in named
    read = "".join(path.read_text() for path in (ROOT / "agent").rglob("*.py"))
    assert [(where, name) for where, name in named if f'"{name}"' not in read and name not in Environment.names()] == []


def test_ports_match():
    web = compose()["services"]["web"]
    port = option(web["command"], "--port")
    assert web["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert last("EXPOSE").rest == option(last("CMD").listed, "--port") == port
    assert f"127.0.0.1:{port}/healthz" in last("HEALTHCHECK").rest
    for name in ("worker-1", "worker-2"):
        worker = compose()["services"][name]
        assert f"127.0.0.1:{option(worker['command'], '--metrics-port')}/metrics" in worker["healthcheck"]["test"][-1]


def test_a_stop_leaves_time_for_the_drain():
    def seconds(text):
        return float(text.removesuffix("s"))

    for name in ("worker-1", "worker-2"):
        worker = compose()["services"][name]
        assert seconds(worker["stop_grace_period"]) >= float(option(worker["command"], "--drain")) + 15
    for path in UNITS:
        found = unit(path)
        assert found["KillSignal"] == ["SIGTERM"]
        drain = option(found["ExecStart"][0].split(), "--drain")
        if drain:
            assert seconds(found["TimeoutStopSec"][0]) >= float(drain) + 15
    assert last("STOPSIGNAL").rest == "SIGTERM"


def test_containers_write_nowhere_but_their_data():
    services = compose()["services"]
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert "no-new-privileges:true" in service["security_opt"]
        assert "healthcheck" in service or name == "web", "the web application's is the image's"
    data = last("VOLUME").rest
    for name in ("web", "worker-1", "worker-2"):
        assert services[name]["volumes"] == [f"data:{data}"]
        assert services[name]["cap_drop"] == ["ALL"]
    assert f"CLOSEREAD_WORKSPACE={data}" in last("ENV").rest
    assert services["web"]["depends_on"]["postgres"]["condition"] == "service_healthy"


def test_no_secret_stands_in_a_file_that_is_kept():
    for name, service in compose()["services"].items():
        assert "environment" not in service, f"{name}: what is secret comes from its env_file"
        assert (DEPLOY / f"{service['env_file']}.example").is_file()
    ignored = subprocess.run(
        ["git", "check-ignore", "--no-index", "deploy/closeread.env", "deploy/postgres.env"],
        cwd=ROOT,
        capture_output=True,
    )
    assert ignored.returncode == 0
    for path in DEPLOY.glob("*.example"):
        for key, value in re.findall(r"^(\w*(?:KEY|PASSWORD)\w*)=(.*)$", path.read_text(), re.MULTILINE):
            assert value in ("", "change-me"), key


def test_the_image_runs_as_nobody_and_has_no_tools_to_build():
    steps = image_steps()
    final = [step for step in steps if step.stage == 1]
    user = next(step for step in final if step.word == "USER")
    assert user.rest not in ("root", "0")
    assert f" {user.rest}" in next(step.rest for step in final if "useradd" in step.rest)
    assert [step.rest for step in final if step.word == "COPY"] == ["--from=build /opt/closeread /opt/closeread"]
    installs = [step.rest for step in final if re.search(r"(pip|apt-get|uv) (install|sync)", step.rest)]
    assert installs == []
    assert "pip uninstall" in next(step.rest for step in final if step.word == "RUN")


def test_the_builder_gets_what_it_copies_and_no_more():
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        word.removesuffix("/")
        for step in image_steps()
        if step.word == "COPY" and step.stage == 0
        for word in step.listed[:-1]
    }
    assert allowed == copied
    assert all((ROOT / name).exists() for name in copied)


def test_units_are_hardened_alike_and_share_one_workspace():
    web, worker = (unit(path) for path in UNITS)
    for key in ("DynamicUser", "ProtectSystem", "NoNewPrivileges", "ProtectHome", "PrivateTmp", "UMask", "User"):
        assert web[key] == worker[key]
    assert web["ProtectSystem"] == ["strict"]
    assert web["StateDirectory"] == worker["StateDirectory"] == ["closeread"]
    assert "CLOSEREAD_WORKSPACE=/var/lib/closeread" in web["Environment"][0]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_the_units(tmp_path):
    for path in UNITS:
        text = path.read_text().replace("/opt/closeread/bin/closeread", shutil.which("true") or "/bin/true")
        (tmp_path / path.name.replace("@.", "@1.")).write_text(text)
    made = sorted(map(str, tmp_path.glob("*.service")))
    done = subprocess.run(["systemd-analyze", "verify", *made], capture_output=True, text=True)
    ours = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "closeread" in line]
    assert (done.returncode, ours) == (0, [])


def test_compose_takes_its_file():
    """The client checks the file against its schema without a daemon."""
    there = (
        shutil.which("docker") and subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0
    )
    if not there:
        pytest.skip("docker compose is not installed")
    command = ["docker", "compose", "-f", str(DEPLOY / "compose.yaml"), "config", "--quiet", "--no-env-resolution"]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


def test_the_metrics_that_are_written_down_are_those_there_are():
    from agent.core.observing.metrics import Metrics, exposition

    page = (ROOT / "docs/operations/deploy.md").read_text()
    written = set(re.findall(r"`(closeread_[a-z_]+)`", page))
    there = {family.name for family in Metrics().registry.collect()}
    queue = exposition(lambda: {("score", "waiting"): 1}).decode()
    there |= set(re.findall(r"^# TYPE (closeread_(?:job|queue|database)\w+) gauge", queue, re.MULTILINE))
    assert {name.removesuffix("_total") for name in written} == there
