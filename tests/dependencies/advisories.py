"""Compares Cargo.lock with RustSec's advisories (https://github.com/RustSec/advisory-db).

The folder that is named holds a clone of them, with or without its files laid out.
"""

import io
import pathlib
import re
import subprocess
import sys
import tarfile
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERSION = re.compile(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+.*)?")
COMPARATOR = re.compile(r"\s*(\^|~|=|>=|<=|>|<)?\s*(\S+)\s*")
FRONT = re.compile(r"\A\s*```toml\n(.*?)```", re.DOTALL)
# Above every text of a version before its release.
RELEASED = ((2,),)


def parts(version):
    """The numbers that a version names, and what stands behind them, in their order."""
    found = VERSION.fullmatch(version)
    if found is None:
        raise ValueError(f"{version} is no version")
    numbers = tuple(int(number) for number in found.groups()[:3] if number is not None)
    before = found[4]
    if before is None:
        return numbers, RELEASED
    words = before.split(".")
    return numbers, tuple((0, int(word)) if word.isdigit() else (1, word) for word in words)


def key(numbers, before):
    """What a version is ordered by."""
    return numbers + (0,) * (3 - len(numbers)), before


def next_after(numbers, kept):
    """The first version in which more changes than the numbers behind the first so many."""
    return key(numbers[: kept - 1] + (numbers[kept - 1] + 1,), ((-1,),))


def meets(version, requirement):
    """Whether a version is one that a requirement, as Cargo writes it, names."""
    own = key(*parts(version))
    for comparator in requirement.split(","):
        sign, named = COMPARATOR.fullmatch(comparator).groups()
        if named == "*":
            continue
        numbers, before = parts(named)
        least = key(numbers, before)
        significant = next((i for i, number in enumerate(numbers) if number), len(numbers) - 1)
        holds = {
            ">=": own >= least,
            ">": own > least,
            "<=": own <= least,
            "<": own < least,
            "=": least <= own < next_after(numbers, len(numbers)) if len(numbers) < 3
            else own == least,
            "~": least <= own < next_after(numbers, min(2, len(numbers))),
            "^": least <= own < next_after(numbers, significant + 1),
        }
        if not holds[sign or "^"]:
            return False
    return True


def locked(text):
    """The packages that a lock file takes from a registry: name and version."""
    packages = tomllib.loads(text)["package"]
    return [(package["name"], package["version"]) for package in packages if "source" in package]


def found(packages, advisories):
    """A line for every package that an advisory in force concerns."""
    by_name = {}
    for advisory in advisories:
        by_name.setdefault(advisory["advisory"]["package"], []).append(advisory)
    for name, version in packages:
        for advisory in by_name.get(name, []):
            told = advisory["advisory"]
            versions = advisory.get("versions", {})
            safe = versions.get("patched", []) + versions.get("unaffected", [])
            if "withdrawn" in told or any(meets(version, named) for named in safe):
                continue
            what = told.get("informational", "vulnerability")
            mended = ", ".join(versions.get("patched", [])) or "in no version"
            yield told["id"], f"{told['id']}: {name} {version}: {what}; mended {mended}"


def read(folder):
    """Every advisory of a clone, and when the newest commit of it was."""
    asked = ["git", "-C", folder, "archive", "HEAD", "crates"]
    archive = subprocess.run(asked, check=True, capture_output=True).stdout
    advisories = []
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        for file in files:
            if file.isfile() and file.name.endswith(".md"):
                front = FRONT.match(files.extractfile(file).read().decode())
                if front is None:
                    sys.exit(f"{file.name} is no advisory that can be read")
                advisories.append(tomllib.loads(front[1]))
    asked = ["git", "-C", folder, "log", "-1", "--format=%cs"]
    day = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
    return advisories, day


def main():
    """Exits with a line for each that is not set aside in deny.toml."""
    advisories, day = read(sys.argv[1])
    if not advisories:
        sys.exit(f"{sys.argv[1]} holds no advisories")
    rules = tomllib.loads((ROOT / "deny.toml").read_text())
    aside = set(rules["advisories"]["ignore"])
    packages = locked((ROOT / "Cargo.lock").read_text())
    concerning = list(found(packages, advisories))
    gone = aside - {number for number, _ in concerning}
    wrong = [line for number, line in concerning if number not in aside]
    wrong += [f"{number}: set aside in deny.toml, and concerns nothing any more" for number in gone]
    if wrong:
        sys.exit("\n".join(wrong))
    print(
        f"{len(packages)} packages and {len(advisories)} advisories, the newest of {day}: "
        f"none concerns them but {len(aside)} that deny.toml sets aside with its reason"
    )


if __name__ == "__main__":
    main()
