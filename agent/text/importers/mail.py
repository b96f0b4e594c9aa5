"""E-mails as mail programs save them (.eml): the text part, else the HTML part. What is attached is named, not read."""

import email
import email.errors
import email.policy
import re
from dataclasses import replace
from email.header import decode_header, make_header

from agent.core.errors import ImportProblem
from agent.text.importers import markup
from agent.text.importers.apart import read_apart
from agent.text.importers.base import MAX_TEXT_BYTES, PARSER_FAULTS, Format, Line, Source, left_out
from agent.text.importers.plain import lines_of_text

_TOP = 16_384
_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:|[ \t]+\S")
_SURE = re.compile(rb"^(MIME-Version|Message-ID|Received|Return-Path|Delivered-To):", re.IGNORECASE | re.MULTILINE)
_SENDER = re.compile(rb"^From:", re.IGNORECASE | re.MULTILINE)
_SHOWN = ("From", "To", "Cc", "Date", "Subject")


def _sniff(source: Source) -> bool:
    """Whether the file begins with the headers of an e-mail: a sender, and a header that nobody types by hand."""
    head = re.split(rb"\r?\n\r?\n|\r\r", source.data[:_TOP].lstrip(), maxsplit=1)[0]
    rows = head.splitlines()
    headed = bool(rows) and all(map(_HEADER.match, rows)) and _SENDER.search(head) is not None
    return headed and (_SURE.search(head) is not None or source.suffix == ".eml")


def _read(source: Source) -> list[Line]:
    if len(source.data) > MAX_TEXT_BYTES:
        raise source.problem(None, f"the e-mail is larger than {MAX_TEXT_BYTES // 2**20} MB", "save its text alone")
    head, attached, kind, text, damage = read_apart("agent.text.importers.mail:parts_of", source)
    aside = [left_out(row, None, "the head of the e-mail") for row in head]
    aside += [left_out(damage, None, "this e-mail is damaged, words may be missing")] if damage else []
    aside += [left_out(name, None, "attached to the e-mail; save it and import it by itself") for name in attached]
    if not text.strip():
        also = f"; attached: {', '.join(attached)}" if attached else ""
        raise source.problem(None, f"this e-mail has no text{also}", "save what is attached and import that")
    inner = replace(source, data=text.encode())
    if kind == "text/html":
        return [*aside, *markup.HTML.read(inner)]
    return [*aside, *lines_of_text(inner, inner.lines)]


def parts_of(data: bytes) -> tuple[list[str], list[str], str, str, str]:
    """The head of an e-mail, the names of its attachments, the kind of its text, the text, and what is wrong with
    it. Runs in a separate process, because crafted headers can keep the library busy for any time."""
    try:
        message = email.message_from_bytes(data, policy=email.policy.default)
        heads = sorted(message.raw_items(), key=lambda item: item[0].title() not in _SHOWN)
        head = [f"{name}: {' '.join(str(make_header(decode_header(value))).split())}" for name, value in heads]
        damage = ", ".join(type(defect).__name__ for part in message.walk() for defect in part.defects)
        attached = [part.get_filename() or part.get_content_type() for part in message.iter_attachments()]
        kind, text = "", ""
        for wanted in ("plain", "html"):
            body = message.get_body((wanted,))
            if body and not text.strip():
                kind, text = body.get_content_type(), body.get_content()
    except (email.errors.MessageError, *PARSER_FAULTS) as error:
        what = f"this e-mail cannot be read ({type(error).__name__})"
        raise ImportProblem("", None, what, "copy its text into a .txt file") from None
    return (
        [row.encode(errors="replace").decode() for row in head],
        attached,
        kind,
        text.encode(errors="replace").decode(),
        damage,
    )


FORMAT = Format("eml", "e-mails (.eml)", (".eml",), _sniff, _read)
