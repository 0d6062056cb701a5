"""A Sloppy without a window that streams a slow reply and prints what it shows: `python streaming_program.py FOLDER`.

Each line: the seconds on the monotonic clock when it was shown, and the number of characters of the reply.
"""

import sys
import threading
import time

from src.app_controller import AppController
from src.places import places_in

from importguard.warmup import WarmupJob, WarmupManifest

JOBS = (WarmupJob("src.turn_loop"), WarmupJob("src.providers.echo", "src.providers.echo:connect", group=1))


def main() -> None:
    controller = AppController(WarmupManifest(1, "test", JOBS), places=places_in(sys.argv[1]))
    controller.wait_for_warmup(20)

    def show() -> None:
        reply = controller.snapshot().reply
        if reply is not None and reply.text:
            sys.stdout.write(f"{time.monotonic()} {len(reply.text)}\n")
            sys.stdout.flush()

    controller.on_change(show)
    controller.send("[[slow 0.005]] " + " ".join(f"word{number}" for number in range(100_000)))
    threading.Event().wait(60)


if __name__ == "__main__":
    main()
