"""Backgrounds without threads, for tests that say when time passes."""

from concurrent.futures import Future


class Now:
    """A background that does each job at once, and what is for later when `pass_time` says so."""

    is_full = False

    def __init__(self):
        self.waiting = []

    def submit(self, job):
        future = Future()
        future.set_result(job())
        return future

    def later(self, delay_s, action):
        self.waiting.append(action)

    def pass_time(self):
        waiting, self.waiting = self.waiting, []
        for action in waiting:
            action()
