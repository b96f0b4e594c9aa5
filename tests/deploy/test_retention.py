"""The statements of docs/operations/scale.md, as they stand there."""

import re
from datetime import date

from sqlalchemy import text

from agent.app.queue.store import Jobs
from agent.calls.store import Calls
from agent.ratings.store import Ratings
from agent.scoring.job import queue_scoring
from tests.deploy.files import ROOT
from tests.jobs.made import fake_space, numbered
from tests.jobs.test_chunks import bench, work

PAGE = (ROOT / "docs/operations/scale.md").read_text()


def statements():
    (block,) = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    without_comments = re.sub(r"^--.*\n", "", block, flags=re.MULTILINE)
    return [one.strip() for one in without_comments.split(";") if one.strip()]


async def test_old_rows_go_and_ratings_stay(tmp_path):
    space = fake_space(tmp_path, 3)
    job = queue_scoring(space, by="Ann")
    await work(bench(space), job)
    space.store[Jobs].finish(job.id)
    before = space.store[Ratings].current()
    assert before
    new = numbered(4)[3].model_copy(update={"date": date(2027, 1, 1)})
    space.store[Calls].add(new)
    found = statements()
    assert len(found) == 4
    with space.store.engine.begin() as connection:
        gone = [connection.execute(text(one.replace("2026-01-01", "2026-12-31"))).rowcount for one in found]
    assert gone[1:] == [3, 3, 3]
    assert space.store[Ratings].current() == before
    assert [call.id for call in space.store[Calls].all([])] == [new.id]
    space.store.close()
