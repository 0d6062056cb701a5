"""What a warmup has to import, in which order: the manifest as a value and as JSON. Reads one file; imports no job."""

# No `from __future__ import annotations` here: NamedTuple would compile every annotation, 1 ms of the start.
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

SCHEMA = 1
WARM_CALLS = ("_require_warmed", "require_warmed")
_REMEDY = "run `importguard manifest --write`"


class ManifestError(ValueError):
    """A manifest that cannot be used; the message names the file, the place and the next step."""


class WarmupJob(NamedTuple):
    """Import *module*, then call *factory* ("package.module:attribute").

    Jobs of one *group* must load together: one after another, never beside each other. `reason` names the places that
    need the module, `cost_us` is what its import adds where that was measured.
    """

    module: str
    factory: str | None = None
    priority: int = 0
    reason: str = ""
    cost_us: int | None = None
    group: int = 0


class WarmupManifest(NamedTuple):
    """What to warm, in order. `fingerprint` is the digest of what `sources` (relative to the file) say is needed."""

    schema: int
    entry: str
    jobs: tuple[WarmupJob, ...]
    fingerprint: str = ""
    sources: tuple[str, ...] = ()
    warm_calls: tuple[str, ...] = WARM_CALLS

    @classmethod
    def of(cls, modules: "Iterable[str]", *, entry: str = "") -> "WarmupManifest":
        """A manifest that imports *modules* in the given order."""
        jobs = tuple(WarmupJob(module, group=position) for position, module in enumerate(dict.fromkeys(modules)))
        return cls(SCHEMA, entry, jobs)

    @classmethod
    def load(cls, path: "str | os.PathLike[str]") -> "WarmupManifest":
        """The manifest in *path*. Raises ManifestError."""
        import json  # 4 ms that a manifest made in code does not need

        try:
            with open(path, encoding="utf-8") as file:
                data = json.load(file)
        except OSError as error:
            raise ManifestError(f"{path}: cannot be read ({error.strerror}); {_REMEDY}") from error
        except ValueError as error:
            raise ManifestError(f"{path}: is not JSON ({error}); {_REMEDY}") from error
        except RecursionError as error:
            raise ManifestError(f"{path}: is nested too deeply; {_REMEDY}") from error
        return cls.parse(data, str(path))

    @classmethod
    def parse(cls, data: Any, name: str = "manifest") -> "WarmupManifest":
        """The manifest that the JSON value *data* describes. Raises ManifestError naming *name* and the field."""
        if not isinstance(data, dict) or not isinstance(data.get("schema"), int):
            raise ManifestError(f"{name}: `schema` must be a number; {_REMEDY}")
        if data["schema"] > SCHEMA:
            raise ManifestError(
                f"{name}: has schema {data['schema']}, this importguard reads up to {SCHEMA}; upgrade importguard"
            )
        rows = data.get("jobs")
        if not isinstance(rows, list):
            raise ManifestError(f"{name}: `jobs` must be a list; {_REMEDY}")
        jobs = tuple(_parse_job(row, f"{name}: jobs[{position}]") for position, row in enumerate(rows))
        first: dict[str, int] = {}
        for position, job in enumerate(jobs):
            if first.setdefault(job.module, position) != position:
                raise ManifestError(f"{name}: jobs[{position}].module: {job.module} is listed twice; {_REMEDY}")
        return cls(
            data["schema"],
            str(data.get("entry", "")),
            jobs,
            str(data.get("fingerprint", "")),
            _parse_names(data, "sources", (), name),
            _parse_names(data, "warm_calls", WARM_CALLS, name),
        )

    def to_json(self) -> str:
        """The file's text: the same manifest gives the same bytes. What has its default value is left out."""
        import json

        jobs = [
            {
                "module": job.module,
                **({"factory": job.factory} if job.factory else {}),
                **({"priority": job.priority} if job.priority else {}),
                "group": job.group,
                "reason": job.reason,
                **({"cost_us": job.cost_us} if job.cost_us is not None else {}),
            }
            for job in self.jobs
        ]
        data = {
            "schema": self.schema,
            "entry": self.entry,
            "fingerprint": self.fingerprint,
            **({"sources": list(self.sources)} if self.sources else {}),
            **({"warm_calls": list(self.warm_calls)} if self.warm_calls != WARM_CALLS else {}),
            "jobs": jobs,
        }
        return json.dumps(data, indent=2) + "\n"


_FIELDS: dict[str, tuple[tuple[type, ...], str]] = {
    "module": ((str,), "a text"),
    "factory": ((str, type(None)), "a text"),
    "priority": ((int,), "a whole number"),
    "reason": ((str,), "a text"),
    "cost_us": ((int, type(None)), "a whole number"),
    "group": ((int,), "a whole number"),
}


def _parse_job(row: Any, place: str) -> WarmupJob:
    if not isinstance(row, dict) or not row.get("module"):
        raise ManifestError(f"{place}: expected an object with `module`; {_REMEDY}")
    for key, value in row.items():
        kinds, expected = _FIELDS.get(key, ((object,), ""))
        if key in _FIELDS and (not isinstance(value, kinds) or isinstance(value, bool)):
            raise ManifestError(f"{place}.{key}: expected {expected}; {_REMEDY}")
    factory = row.get("factory")
    if factory and not all(factory.partition(":")):
        raise ManifestError(f'{place}.factory: expected "package.module:callable"; {_REMEDY}')
    return WarmupJob(**{key: value for key, value in row.items() if key in _FIELDS})


def _parse_names(data: dict[str, Any], key: str, default: tuple[str, ...], name: str) -> tuple[str, ...]:
    value = data.get(key, default)
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise ManifestError(f"{name}: `{key}` must be a list of texts; {_REMEDY}")
    return tuple(value)
