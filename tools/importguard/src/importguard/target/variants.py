"""The Pythons and platforms that a project supports, each as the target environment would look there.

The packages stay those of the target environment; what code asks of `sys.platform`, `sys.version_info` and `os.name`
changes. Reads pyproject.toml; runs nothing.
"""

from __future__ import annotations

import tomllib
from itertools import product

import msgspec

from importguard.errors import ConfigError
from importguard.project.start import Start
from importguard.target.environment import Environment

_OS_NAMES = {"linux": "posix", "darwin": "posix", "win32": "nt"}
_NEWEST_MINOR = 15  # of the released Pythons; a newer target counts as well


def variants(start: Start, environment: Environment) -> tuple[Environment, ...]:
    """*environment* as it would look on each supported Python and platform but its own.

    Raises ConfigError for a version or a platform that is none.
    """
    for platform in start.config.platforms:
        if platform not in _OS_NAMES:
            raise ConfigError(str(start.project.file), "platforms", f"knows {', '.join(_OS_NAMES)}, not {platform}")
    own = environment.platform, environment.version_info[:2]
    wanted = product(start.config.platforms, supported(start, environment.version_info[:2]))
    return tuple(_variant(environment, platform, version) for platform, version in wanted if (platform, version) != own)


def _variant(environment: Environment, platform: str, version: tuple[int, int]) -> Environment:
    major, minor = version
    return msgspec.structs.replace(
        environment,
        platform=platform,
        os_name=_OS_NAMES[platform],
        version_info=(major, minor, 0, "final", 0),
        version=f"{major}.{minor}.0",
        hexversion=major << 24 | minor << 16 | 0xF0,
        fingerprint=f"{environment.fingerprint} as {platform} {major}.{minor}" if environment.fingerprint else "",
    )


def supported(start: Start, own: tuple[int, int]) -> list[tuple[int, int]]:
    """The Pythons that the project of *start* supports; *own* alone, the target's, where it does not say.

    Raises ConfigError for a version that is none.
    """
    if start.config.pythons:
        return [_version(start, text) for text in start.config.pythons]
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        declared = tomllib.loads((start.project.root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        wanted = SpecifierSet(declared["requires-python"])
    except (OSError, ValueError, RecursionError, KeyError, TypeError, InvalidSpecifier):
        return [own]
    minors = range(6, max(_NEWEST_MINOR, own[1]) + 1)
    found = [(3, minor) for minor in minors if any(f"3.{minor}.{patch}" in wanted for patch in (0, 99))]
    return found or [own]


def _version(start: Start, text: str) -> tuple[int, int]:
    major, _, minor = text.partition(".")
    if not (major.isascii() and major.isdigit() and minor.isascii() and minor.isdigit()):
        raise ConfigError(str(start.project.file), "pythons", f'expected versions such as "3.12", got "{text}"')
    return int(major), int(minor)
