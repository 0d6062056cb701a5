"""IG503."""

import datetime

from importguard.findings import Finding, Severity
from importguard.rules.subject import Subject
from importguard.source.suppressions import Suppression


class StaleSuppression:
    """Suppression unused or expired.

    What it does: finds `# importguard: ignore[...]` comments that accept nothing any more, whose day has passed, or
    that give no reason.

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
        found = {(finding.location, finding.code) for finding in subject.findings}
        findings = []
        for one in subject.suppressions:
            used = any((one.location, code) in found for code in one.codes)
            judged = not one.codes or any(code in subject.judged for code in one.codes)
            why, remedy = self._fault(one, used or not judged or not subject.whole)
            if why:
                message = f"the suppression of {', '.join(one.codes) or 'nothing'} {why}"
                findings.append(Finding(self.code, Severity.ERROR, message, one.location, ",".join(one.codes), remedy))
        return findings

    @staticmethod
    def _fault(one: Suppression, used: bool) -> tuple[str, str]:
        try:
            end = one.end()
        except ValueError:
            return f"ends on {one.until}, which is no date", "Write the last day as 2027-03-01."
        if end is not None and end < datetime.date.today():
            return f"ended on {one.until}", "Mend what it accepts, or give it a later day."
        if not used:
            return "accepts nothing: there is no such finding here", "Remove the comment."
        if not one.reason:
            return "gives no reason", "Say after the bracket why it is accepted."
        return "", ""
