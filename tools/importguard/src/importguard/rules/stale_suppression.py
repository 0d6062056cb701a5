"""IG503."""

import datetime

from importguard.findings import Finding, Severity
from importguard.rules.subject import Subject
from importguard.source.import_site import Location
from importguard.source.suppressions import Suppression


class StaleSuppression:
    """Suppression unused or expired.

    What it does: finds `# importguard: ignore[...]` comments that accept nothing any more, whose day has passed, that
    give no reason, or that are written in another way: without the brackets, without the space after the colon, with a
    last day that is no date or comes before other words. None of those accepts anything. An entry of the baseline that
    no longer occurs is a warning.

    Why it is bad: an exception that nobody remembers hides the next, real finding on that line.

    Example:
        import colorsys  # importguard: ignore[IG101]

    Use instead:
        import anthropic  # importguard: ignore[IG101] the splash screen covers it, until 2027-03-01
    """

    code = "IG503"
    title = "suppression unused or expired"

    def check(self, subject: Subject) -> list[Finding]:
        """One finding a comment."""
        found: dict[Location, set[str]] = {}
        for finding in subject.findings:
            for place in (finding.location, *(one.location for one in finding.statements)):
                found.setdefault(place, set()).add(finding.code)
        findings = []
        for one in subject.suppressions:
            used = any(map(one.names, found.get(one.location, ())))
            judged = not one.codes or any(map(one.names, subject.judged))
            why, remedy = _misspelt(one, subject.codes) or self._fault(one, used or not judged or not subject.whole)
            above = Location(one.location.path, one.begins)
            if not used and why and not one.fault and any(map(one.names, found.get(above, ()))):
                why = f"accepts nothing: its statement begins in line {one.begins}"
                remedy = f"Move the comment to line {one.begins}."
            if why:
                what = f"the suppression of {', '.join(one.codes)}" if one.codes else "this suppression"
                message = f"{what} {why}"
                findings.append(Finding(self.code, Severity.ERROR, message, one.location, ",".join(one.codes), remedy))
        return findings

    @staticmethod
    def _fault(one: Suppression, used: bool) -> tuple[str, str]:
        try:
            end = one.end()
        except ValueError:
            return f"ends on {one.until}, which is no date", "Write the last day as 2027-03-01."
        if end is not None and end < datetime.date.today():
            return f"ended on {one.until}", "Fix the finding or extend the date."
        if not used:
            return "accepts nothing: there is no such finding here", "Remove the comment."
        if not one.reason:
            return "gives no reason", "Say after the bracket why it is accepted."
        return "", ""


_LISTED = "`importguard rule` lists them."


def _misspelt(one: Suppression, codes: frozenset[str]) -> tuple[str, str] | None:
    if one.fault:
        return one.fault, one.remedy
    if not one.codes:
        return "names no rule", _LISTED
    unknown = [name for name in one.codes if not any(code.startswith(name) for code in codes)]
    return (f"names {unknown[0]}, and no rule has that code", _LISTED) if unknown else None


def unmatched(location: Location, file: str, code: str, subject: str, path: str) -> Finding:
    """A warning for an entry of the baseline *file* that no longer occurs."""
    return Finding(
        StaleSuppression.code,
        Severity.WARNING,
        f"{file} accepts {code} of {subject} in {path}, which no longer occurs",
        location,
        f"{code} {subject} {path}",
        "Remove the entry, or write the file anew: importguard check --write-baseline.",
    )
