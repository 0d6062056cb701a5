"""The secrets that other projects publish as examples, of which none may leave, and the texts that hold none."""

import pytest
from src.privacy.detector import find_secret
from src.privacy.redactor import HIDDEN, Redactor
from tests.privacy import harmless, published

# Taken for an example on purpose: the documentation of half the world logs in like this.
NOT_SECRET = ("basic authentication in a url",)
ROWS = tuple(row for row in published.load() if row.name not in NOT_SECRET)
FALSE_ALARMS = 2_000  # texts of the second draw


def test_at_least_150_formats_are_there_and_each_names_its_source():
    rows = published.load()
    assert (len(ROWS) >= 150, len({row.name for row in rows}) == len(rows)) == (True, True)
    assert {row.source for row in rows} == {"gitleaks", "detect-secrets", "noseyparker"}
    assert all(row.secrets and all(secret in row.text for secret in row.secrets) for row in rows)


def test_the_repository_holds_none_of_them_as_it_is():
    text = published.FILE.read_text(encoding="ascii")
    assert [row.name for row in published.load() if any(len(one) > 10 and one in text for one in row.secrets)] == []


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.source} {row.name}" for row in ROWS])
def test_a_published_secret_keeps_its_file_back_and_is_hidden_in_output(row):
    cleaned, places = Redactor().counted(row.text)
    assert find_secret(row.text) is not None
    assert [secret for secret in row.secrets if secret in cleaned] == []
    assert (cleaned.count(HIDDEN), places) == (len(row.secrets), len(row.secrets))


@pytest.mark.parametrize(
    "text",
    [
        "basic knowledge of Python",
        "password: required",
        "def f(password=default_password):",
        'api_key=os.environ["OPENAI_API_KEY"]',
        "git+ssh://git@github.com/a/b",
        '"integrity": "sha512-2XF7aQ9fK2mQ7xVb3LpR8sTn5WzY1cAe4HdGj6kLmNoPqRsTuVwXyZ=="',
        '"node_modules/@babel/core-js-key": {"integrity": "sha512-9fK2mQ7xVb3LpR8sTn5WzY1cAe4HdGj6kLmNoPqRsTuVwXyZ=="}',
        "keyboard_layout = 'us_international_2024_with_dead_keys'",
        'author="A1 Person <a1b2c3@example.com>"',
        "tokenizer: BertTokenizerFast_v2_cased_2024",
        "license: http://snmplabs.com/pyasn1/license.html",
        "postgresql://user:password@localhost/db",
        "http://user:pass@proxy:3128",
        "Authorization: Bearer <token>",
        "Authorization: Bearer $TOKEN",
        "export API_KEY=your-api-key-goes-here-1234",
        "password = getpass.getpass()",
        "secret = models.CharField(max_length=64)",
        "public_key = 'AAAAB3NzaC1yc2EAAAADAQABAAABgQC9fK2mQ7xVb3LpR8sTn5WzY1cAe4HdGj6'",
        "cache_key: 9fK2mQ7xVb3LpR8sTn5WzY1cAe4HdGj6",
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        "commit 0a14254db7a1e9d29c3370dacc798cb65d25c9af",
        "from x import y as token_2024_01_01_handler",
    ],
)
def test_what_only_talks_of_secrets_stays(text):
    assert (find_secret(text), Redactor().counted(text)) == (None, (text, 0))


def test_500_harmless_files_stay_byte_for_byte_the_same():
    redactor = Redactor()
    changed = {path: found for path, text in harmless.draw(1, 500).items() if redactor.redact(text) != text
               for found in [str(find_secret(text))]}  # fmt: skip
    assert changed == {}


def test_in_another_draw_of_2000_at_most_one_in_200_is_kept_back():
    texts = harmless.draw(2, FALSE_ALARMS)
    kept = {path: str(found) for path, text in texts.items() if (found := find_secret(text)) is not None}
    assert (len(texts), len(kept) <= FALSE_ALARMS // 200) == (FALSE_ALARMS, True), kept
