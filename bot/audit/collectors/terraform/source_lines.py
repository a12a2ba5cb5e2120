"""Finds the file and line where a resource is declared, in the `.tf` files beside a plan and in its local modules."""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from bot.audit.collectors.terraform.entries import module_names

_BLOCK: Final = re.compile(r'^[ \t]*resource[ \t]+"([\w-]+)"[ \t]+"([\w-]+)"', re.MULTILINE)
_SUFFIXES: Final = (".tf", ".tofu")
_MOST_FILES, _MOST_BYTES = 2_000, 4 << 20
_INDEX: Final = re.compile(r"\[[^\]]*\]$")


class SourceLines:
    """The lines of all resources of a configuration. `folder`: of the root module; `configuration`: of the plan."""

    def __init__(self, folder: Path, configuration: Mapping[str, Any]) -> None:
        self._folder, self._configuration = folder, configuration
        self._installed = _installed_modules(folder)
        self._found: dict[tuple[str, ...], Mapping[str, tuple[str, int]]] = {}
        self._files = 0

    def of(self, addresses: Iterable[str]) -> Iterator[tuple[str, str, int]]:
        """Address, path from the working directory, and line of each resource that is found."""
        for address in addresses:
            modules = module_names(address)
            block = _INDEX.sub("", address).split(".")[-2:]
            if modules not in self._found:
                self._found[modules] = self._blocks_in(modules)
            place = self._found[modules].get(".".join(block))
            if place is not None:
                yield (address, *place)

    def _blocks_in(self, modules: tuple[str, ...]) -> Mapping[str, tuple[str, int]]:
        folder = self._folder_of(modules)
        if folder is None or not folder.is_dir():
            return {}
        found: dict[str, tuple[str, int]] = {}
        for path in sorted(folder.iterdir()):
            self._files += 1
            if path.suffix in _SUFFIXES and path.is_file() and self._files <= _MOST_FILES:
                for kind, name, line in _blocks_of(path):
                    found.setdefault(f"{kind}.{name}", (_shown(path), line))
        return found

    def _folder_of(self, modules: tuple[str, ...]) -> Path | None:
        """The folder of a module: as Terraform installed it, else as the configuration names it by a relative path."""
        key = ".".join(modules)
        if key in self._installed:
            return self._folder / self._installed[key]
        here: Any = self._configuration.get("root_module")
        folder = self._folder
        for name in modules:
            calls = here.get("module_calls") if isinstance(here, Mapping) else None
            call = calls.get(name) if isinstance(calls, Mapping) else None
            if not isinstance(call, Mapping):
                return None
            source = str(call.get("source") or "")
            if not source.startswith(("./", "../")):
                return None
            folder, here = folder / source, call.get("module")
        return folder


def _blocks_of(path: Path) -> Iterator[tuple[str, str, int]]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            return
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return
    for block in _BLOCK.finditer(text):
        yield block[1], block[2], text.count("\n", 0, block.start(1)) + 1


def _installed_modules(folder: Path) -> Mapping[str, str]:
    """Key of a module (`db.instance`) -> its folder, as `terraform init` writes it; empty without that file."""
    try:
        listed = json.loads((folder / ".terraform" / "modules" / "modules.json").read_text(encoding="utf-8"))
        return {str(row["Key"]): str(row["Dir"]) for row in listed["Modules"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _shown(path: Path) -> str:
    """The path from the working directory, with `/`."""
    try:
        return Path(os.path.relpath(path)).as_posix()
    except ValueError:  # another drive
        return path.as_posix()
