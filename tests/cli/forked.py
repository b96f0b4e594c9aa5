"""Commands in processes of their own, forked from one that has imported the program: importing takes a second each."""

import json
import os
import socket
import subprocess
import sys
from contextlib import closing, contextmanager
from tempfile import TemporaryFile

# The child of each fork leaves the loop and ends as any Python program does, with what that does to its outputs.
_SERVER = """
import gc, json, os, socket, sys
from agent.app.slices import modules
from agent.main import main
modules("cli")
import agent.app.cli.showing, agent.db.database, agent.db.store, agent.start.next_step, agent.workspace  # most commands do
import rich.table, rich.text
gc.freeze()  # what is shared with the children is left alone
asked = socket.socket(fileno=int(sys.argv[1]))
while True:
    sent, files, _, _ = socket.recv_fds(asked, 1 << 16, 3)
    if not sent:
        sys.exit()
    child = os.fork()
    if child == 0:
        break
    for file in files:
        os.close(file)
    asked.send(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())
asked.close()
for number, file in enumerate(files):
    os.dup2(file, number)
    os.close(file)
words, folder = json.loads(sent)
os.chdir(folder)
sys.argv[1:] = words
main()
"""


@contextmanager
def program(*before):
    """`program(*words, cwd=…, stdout=…)` runs the command as subprocess.run does. `before` are words in front of Python."""
    mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [*before, sys.executable, "-c", _SERVER, str(theirs.fileno())]
    with closing(mine), subprocess.Popen(command, pass_fds=[theirs.fileno()]) as server:
        theirs.close()
        mine.settimeout(120)

        def run(*words, cwd=".", stdout=None):
            with open(os.devnull) as nothing, TemporaryFile("w+") as out, TemporaryFile("w+") as err:
                files = [nothing.fileno(), (stdout or out).fileno(), err.fileno()]
                asked = [list(map(str, words)), str(cwd if cwd != "." else os.getcwd())]
                socket.send_fds(mine, [json.dumps(asked).encode()], files)
                code = int(mine.recv(100))
                out.seek(0)
                err.seek(0)
                return subprocess.CompletedProcess(words, code, out.read(), err.read())

        yield run
        mine.close()
        server.wait(20)
