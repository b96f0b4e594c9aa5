"""JUnit XML for CI systems: a test for every rating of every case, or for every check of the gate."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from agent.evals.gating import Verdict
from agent.evals.report import Report


def report_junit(report: Report) -> str:
    """A test case for each failure, and one for each criterion's ratings that are right.

    Wrong ratings on cases that need not pass are judged by the gate as a whole; here they are `skipped`.
    """
    suite = Element("testsuite", name=f"{report.suite} ({report.model}, {report.prompt})")
    for criterion in report.criteria:
        wrong = sum(f.criterion == criterion.criterion for f in report.failures)
        test = SubElement(suite, "testcase", classname=report.suite, name=f"{criterion.criterion} measured")
        SubElement(test, "system-out").text = f"{criterion.n - wrong} of {criterion.n} right. " + " ".join(
            criterion.notes
        )
        if criterion.n == 0:
            SubElement(test, "failure", message="no case was answered")
    for failure in report.failures:
        case = SubElement(suite, "testcase", classname=report.suite, name=f"{failure.case} {failure.criterion}".strip())
        message = f"right is {failure.expected}, got {failure.got}"
        kind = "failure" if failure.must_pass or not failure.criterion else "skipped"
        SubElement(case, kind, message=message).text = failure.reason
    return _text(suite)


def verdict_junit(verdict: Verdict) -> str:
    """A test case for each check."""
    suite = Element("testsuite", name=f"gate {verdict.suite}: {verdict.candidate} against {verdict.baseline}")
    if not verdict.checks:
        SubElement(
            SubElement(suite, "testcase", classname="gate", name="checks"), "failure", message="nothing was checked"
        )
    for check in verdict.checks:
        test = SubElement(suite, "testcase", classname=f"gate.{verdict.suite}", name=check.name)
        if check.result == "closed":
            SubElement(test, "failure", message=check.detail).text = "\n".join(check.look_at)
        elif check.result == "not measured":
            SubElement(test, "skipped", message=check.detail)
    return _text(suite)


def _text(suite: Element) -> str:
    tests = suite.findall("testcase")
    suite.set("tests", str(len(tests)))
    suite.set("failures", str(sum(t.find("failure") is not None for t in tests)))
    suite.set("skipped", str(sum(t.find("skipped") is not None for t in tests)))
    for element in suite.iter():
        element.text = None if element.text is None else _allowed(element.text)
        element.attrib.update({name: _allowed(value) for name, value in element.attrib.items()})
    indent(suite)
    return tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _allowed(text: str) -> str:
    """`text` without the control characters that XML 1.0 cannot represent: one in a quote
    would break the whole file."""
    return "".join(
        c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff" and not "\ud800" <= c <= "\udfff")
    )
