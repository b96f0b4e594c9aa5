"""Makes a suite of AnnoMI (Wu et al., ICASSP 2022): conversations of counselling, not of selling, labelled by experts.

It shows how well the rating code does on criteria that nobody tuned it for. Seven conversations, rated by ten experts
each, give a real human ceiling. The folder holds `conversations.jsonl` and `tasks.jsonl`, and `ratings.csv` with each
expert's label of each turn. The therapist takes the rep's place, the client the customer's.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.core.errors import ImportProblem
from agent.core.scale import BINARY
from agent.core.transcript import Transcript, Turn
from agent.evals.suite import Suite
from agent.evals.suite_files import CallCase, Expected
from agent.evals.writing import cases_suite_file, write_suite
from agent.rubrics.model import Counts, Criterion, Rubric
from agent.scoring.reading import COUNTING, RATING
from agent.text.own_json import written

# In plain words, as the data set's description has them. Its 1-5 tasks are computed from counts: nothing to judge.
CRITERIA: dict[str, tuple[str, str]] = {
    "asks_open_question": ("rep", "Asks a question that cannot be answered by yes, by no or by one fact."),
    "asks_closed_question": ("rep", "Asks a question that can be answered by yes, by no or by one fact."),
    "reflects": ("rep", "Says back to the client, simply or with added meaning, what the client said."),
    "gives_information": ("rep", "Tells facts without recommending anything."),
    "gives_advice": ("rep", "Recommends what the client should do."),
    "change_talk": ("customer", "The client speaks for changing the behavior that the conversation is about."),
    "sustain_talk": ("customer", "The client speaks against changing the behavior that the conversation is about."),
}
TEN_RATERS = "ten_raters"
SUSPECT = "speaker_order_suspect"


def annomi_rubric(counted: bool = False) -> Rubric:
    """The seven yes/no criteria. `counted`: the model lists every occurrence, and one is enough for yes."""
    counts = {ident: Counts(each=text, of="turns", at_least={1: 1}) for ident, (_, text) in CRITERIA.items()}
    return Rubric(
        label="annomi",
        criteria=tuple(
            Criterion(
                id=ident,
                name=ident.replace("_", " "),
                description=text,
                scale=BINARY,
                speaker=speaker,  # type: ignore[arg-type]
                counts=counts[ident] if counted else None,
            )
            for ident, (speaker, text) in CRITERIA.items()
        ),
    )


def import_annomi(directory: Path, folder: Path, dev: int, counted: bool = False) -> Suite:
    """Writes a suite into `folder`: the first `dev` conversations of the development half, and the seven with ten
    raters. `counted`: with counted criteria.

    The seven are split `test`, tagged `ten_raters`. Of the others those whose speakers are doubtful are left out.
    """
    conversations = _lines(directory / "conversations.jsonl")
    tasks: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for task in _lines(directory / "tasks.jsonl"):
        tasks[task["conversation"]].append(task)
    votes = _turn_votes(directory / "ratings.csv")
    multi = [c for c in conversations if _split(tasks[c["id"]]) == "multi"]
    sound = [c for c in conversations if not any(SUSPECT in t["flags"] for t in tasks[c["id"]])]
    chosen = [c for c in sound if _split(tasks[c["id"]]) == "dev"][:dev]
    cases = [_case(folder, c, tasks[c["id"]], votes) for c in [*chosen, *multi]]
    file = cases_suite_file(
        "AnnoMI: expert labels of counselling conversations (Wu et al., ICASSP 2022). The ten-rater seven are split "
        "test; their ceiling is one expert against the majority of the other nine.",
        tags={TEN_RATERS: [c["id"] for c in multi]},
    )
    file = file.model_copy(update={"prompt": COUNTING if counted else RATING})
    return write_suite(folder, file, annomi_rubric(counted), cases)


def _split(tasks: Sequence[Mapping[str, Any]]) -> str:
    return str(tasks[0]["split"]) if tasks else ""


def _lines(path: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except OSError as error:
        hint = "the folder holds conversations.jsonl, tasks.jsonl and ratings.csv"
        raise ImportProblem(str(path), None, f"cannot be read: {error.strerror or error}", hint) from error
    except json.JSONDecodeError as error:
        raise ImportProblem(str(path), error.lineno, f"is not JSON: {error.msg}") from error


def _turn_votes(path: Path) -> dict[tuple[str, str], dict[str, list[int]]]:
    """The turns that each expert marked, by (conversation, criterion) and expert. Experts who marked none have an
    empty list."""
    votes: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(dict)
    try:
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                conversation, sign, turn = row["item"].partition(":")
                if row["attribute"] in CRITERIA and sign:
                    marked = votes[f"annomi-{conversation}", row["attribute"]].setdefault(row["rater"], [])
                    marked += [int(turn)] if row["value"] == "1" else []
    except OSError as error:
        raise ImportProblem(str(path), None, f"cannot be read: {error.strerror or error}") from error
    return votes


def _case(
    folder: Path,
    conversation: Mapping[str, Any],
    tasks: Sequence[Mapping[str, Any]],
    votes: Mapping[tuple[str, str], dict[str, list[int]]],
) -> CallCase:
    ident = conversation["id"]
    multi = _split(tasks) == "multi"
    place = {turn["id"]: at for at, turn in enumerate(conversation["turns"])}
    (folder / "cases").mkdir(parents=True, exist_ok=True)
    transcript = Transcript(
        turns=tuple(
            Turn(index=at, speaker=turn["speaker"].capitalize(), text=" ".join(turn["text"].split()))
            for at, turn in enumerate(conversation["turns"])
        )
    )
    (folder / "cases" / f"{ident}.json").write_text(written(transcript), encoding="utf-8")
    expect = {}
    for task in tasks:
        if task["criterion"] not in CRITERIA:
            continue
        marked = votes.get((ident, task["criterion"]), {}) if multi else {}
        expect[task["criterion"]] = Expected(
            value=task["gold"],
            # Present by most experts though no single turn has a majority: the turns are then not known.
            turns=[place[t] for t in task["evidence"]] if task["evidence"] or not task["gold"] else None,
            humans={rater: int(vote) for rater, vote in (task["votes"] or {}).items()},
            human_turns={rater: [place[t] for t in turns if t in place] for rater, turns in marked.items()},
        )
    return CallCase(
        id=ident,
        split="test" if multi else "dev",
        tags=[TEN_RATERS] if multi else [],
        file=f"{ident}.json",
        rep="Therapist",
        expect=expect,
    )
