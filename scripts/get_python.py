"""Puts CPython of given versions into a folder, out of the packages of the Debian mirror that this machine's apt uses.

usage: get_python.py FOLDER VERSION...

Nothing is installed. The packages are those of Debian's unstable suite, unpacked with their own C library; patchelf
lets the interpreters use that one. Prints the path of each interpreter that works, one a line. What cannot be had is
named on standard error, and the exit code is 1.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
LIBRARIES = (
    "libc6 libssl3t64 libexpat1 zlib1g libsqlite3-0 libffi8 libbz2-1.0 liblzma5 libzstd1 libuuid1 libncursesw6"
    " libtinfo6 libreadline8t64 libgcc-s1 libstdc++6"
).split()
_CHECK = "import sys, ssl, sqlite3, ctypes; print('%d.%d' % sys.version_info[:2])"
_SECONDS = 600


class Unavailable(Exception):  # noqa: N818  a reason for people
    """Why an interpreter cannot be had here."""


def run(*command: str, cwd: Path | None = None) -> str:
    """What *command* prints. Raises Unavailable."""
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{command[0]}: {error}") from error
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise Unavailable(f"{command[0]}: {lines[-1] if lines else f'exit code {done.returncode}'}")
    return done.stdout


def mirror() -> str:
    """Where this machine's apt gets Debian's packages. Raises Unavailable."""
    if not shutil.which("apt-get") or not KEYRING.is_file():
        raise Unavailable("there is no apt of Debian's here")
    found = run("apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Origin: Debian")
    plain = [line for line in dict.fromkeys(found.split()) if "security" not in line]
    if not plain:
        raise Unavailable("apt names no mirror of Debian's")
    return plain[0]


def packages_of(version: str) -> list[str]:
    """The packages that make the Python *version*."""
    name = f"python{version}"
    return [name, f"{name}-minimal", f"lib{name}", f"lib{name}-minimal", f"lib{name}-stdlib", f"{name}-venv"]


def unpack(folder: Path, versions: list[str]) -> None:
    """Fetches the packages of *versions* and unpacks them into *folder*. Raises Unavailable."""
    source = mirror()
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        (work / "lists" / "partial").mkdir(parents=True)
        (work / "debs").mkdir()
        (work / "sources.list").write_text(f"deb [signed-by={KEYRING}] {source} sid main\n")
        options = [
            f"-oDir::State::Lists={work}/lists",
            f"-oDir::Etc::SourceList={work}/sources.list",
            "-oDir::Etc::SourceParts=/dev/null",
            "-oDir::Cache::pkgcache=",
            "-oDir::Cache::srcpkgcache=",
            "-oAPT::Sandbox::User=root",
        ]
        run("apt-get", *options, "update", "-qq")
        wanted = [*LIBRARIES, *(name for version in versions for name in packages_of(version))]
        run("apt-get", *options, "download", "-qq", *wanted, cwd=work / "debs")
        for package in sorted((work / "debs").glob("*.deb")):
            run("dpkg", "-x", str(package), str(folder))


def patch(folder: Path, version: str) -> Path:
    """The interpreter *version* in *folder*, made to use the C library beside it. Raises Unavailable."""
    python = folder / "usr" / "bin" / f"python{version}"
    library = folder / "usr" / "lib" / f"{platform.machine()}-linux-gnu"
    loaders = sorted(library.glob("ld-linux-*.so.*"))
    if not python.is_file() or not loaders:
        raise Unavailable(f"the packages hold no Python {version}")
    # A link into the system's /etc, which is not here.
    (folder / "usr" / "lib" / f"python{version}" / "sitecustomize.py").unlink(missing_ok=True)
    run("patchelf", "--set-interpreter", str(loaders[0]), "--force-rpath", "--set-rpath", str(library), str(python))
    return python


def works(python: Path, version: str) -> bool:
    """Whether *python* is the Python *version*, with the modules that most programs need."""
    try:
        return run(str(python), "-I", "-c", _CHECK).strip() == version
    except Unavailable:
        return False


def main() -> int:
    """Prints the interpreters."""
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    folder, versions = Path(sys.argv[1]).resolve(), sys.argv[2:]
    python = {version: folder / "usr" / "bin" / f"python{version}" for version in versions}
    missing = [version for version in versions if not works(python[version], version)]
    try:
        if missing:
            if not shutil.which("patchelf"):
                raise Unavailable("patchelf is not installed")
            folder.mkdir(parents=True, exist_ok=True)
            unpack(folder, missing)
            for version in missing:
                patch(folder, version)
    except Unavailable as error:
        print(f"get_python: {error}", file=sys.stderr)
    for version in versions:
        if works(python[version], version):
            print(python[version])
        else:
            print(f"get_python: Python {version} cannot be had here", file=sys.stderr)
    return 0 if all(works(python[version], version) for version in versions) else 1


if __name__ == "__main__":
    os.environ["LC_ALL"] = "C"
    sys.exit(main())
