"""Notes in a file, and a summary of them by a model: notes.py add TEXT, notes.py sum."""

import sys
from pathlib import Path

import anthropic

NOTES = Path("notes.txt")


def summary() -> str:
    """What a model makes of the notes."""
    asked = {"role": "user", "content": f"Sum up:\n{NOTES.read_text()}"}
    client = anthropic.Anthropic()
    return client.messages.create(model="claude-sonnet-4-5", max_tokens=500, messages=[asked]).content[0].text


if __name__ == "__main__":
    if sys.argv[1:2] == ["sum"]:
        print(summary())
    else:
        with NOTES.open("a") as file:
            print(*sys.argv[2:], file=file)
