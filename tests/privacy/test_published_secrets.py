"""The secrets that other projects publish as examples, of which none may leave."""

from tests.privacy import published


def test_at_least_150_formats_are_there_and_each_names_its_source():
    rows = published.load()
    assert (len(rows) >= 150, len({row.name for row in rows}) == len(rows)) == (True, True)
    assert {row.source for row in rows} == {"gitleaks", "detect-secrets", "noseyparker"}
    assert all(row.secrets and all(secret in row.text for secret in row.secrets) for row in rows)


def test_the_repository_holds_none_of_them_as_it_is():
    text = published.FILE.read_text(encoding="ascii")
    assert [row.name for row in published.load() if any(len(one) > 8 and one in text for one in row.secrets)] == []
