"""A dump on this side: the files of a folder, and the mapping file that says what they are."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

from cerebro_sdk import errors
from cerebro_sdk.dump_places import Places

MANIFEST, FIELDS = "manifest.json", "fields.json"
ATTACHMENTS, BYTES = "attachments.jsonl", "files"
_PEOPLE = "people.jsonl"
_VERSION = 1
_WRITTEN_ONLY = {".parquet": "Parquet", ".sql": "SQL"}
_MOST = 1_000
_ENDINGS = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".json", ".xlsx", ".vcf")
_WHOLE = ("preset", "guess", "missing_parent", "keep_dates", "keys", "files")
_PLAIN = (
    *("noun", "preset", "key", "mode", "missing_parent", "lists", "deletes", "encoding"),
    *("delimiter", "format", "sheet", "mapping", "save_mapping"),
)
_OF_FILE = (*_PLAIN, "columns", "values", "skip")
_REFERENCE = ("to", "from")
_PIECE = 1 << 20


class DumpPath(NamedTuple):
    """One file of a dump."""

    path: Path
    said: dict[str, Any]
    """What the server is told of it, but for the upload."""

    @property
    def is_sent(self) -> bool:
        """Whether it is read at all."""
        return "skip" not in self.said


class Dump:
    """The files of a folder, and what is said of them."""

    def __init__(
        self,
        files: Sequence[DumpPath],
        said: dict[str, Any],
        places: Places,
        attachments: Sequence[Path] = (),
    ) -> None:
        self.files = files
        self.said = said
        self.attachments = attachments
        """The bytes of attached files, which are sent before anything is planned."""
        self._places = places

    def input(self, upload_ids: Mapping[str, str]) -> dict[str, Any]:
        """Return what an operation of kind `import` takes; the uploads are by name of the file."""
        listed = []
        for file in self.files:
            upload = upload_ids.get(file.said["name"])
            listed.append({**file.said, **({} if upload is None else {"upload_id": upload})})
        return {**self.said, "files": listed}

    def explained(self, error: errors.APIError) -> errors.APIError:
        """Return an error of the server's with the line of the mapping file that it is about."""
        place = self._places.of_error(error.errors)
        if place is None:
            return error
        problem = {**error.problem, "detail": f"{place}: {error.detail}"}
        return type(error)(
            status=error.status,
            problem=problem,
            request_id=error.request_id,
            retry_after=error.retry_after,
        )


def read_dump(
    folder: str | PathLike[str],
    mapping: str | PathLike[str] | None = None,
    **options: Any,
) -> Dump:
    """Read what a folder holds; `options` count more than what the mapping file says.

    Raises `InvalidError`, which names file and line.
    """
    root = Path(folder)
    if not root.is_dir():
        raise errors.refused(f"There is no folder {root}.")
    said, places = ({}, Places("", None)) if mapping is None else _read_mapping(Path(mapping))
    of_files: dict[str, Any] = said.pop("files", {})
    manifest = _manifest(root)
    attached = _attached(root, manifest)
    found = {path.relative_to(root).as_posix(): path for path in _files(root, manifest)}
    nouns = _checked(root, manifest)
    _check_names(of_files, [*found, *nouns], places)
    if len(found) > _MOST:
        raise errors.refused(f"{root} has {len(found):,} files; {_MOST:,} are the most.")
    files = [
        DumpPath(path, _file(name, of_files.get(name, {}), (nouns, manifest), places))
        for name, path in sorted(found.items())
    ]
    if _lacks_bytes(root, manifest):
        files = [_without_bytes(each) for each in files]
    if not any(file.is_sent for file in files):
        raise errors.refused(f"{root} has no file to import ({', '.join(_ENDINGS)}).")
    own = {"keep_ids": True} if manifest is not None else {}
    given = {name: value for name, value in options.items() if value not in (None, False, {})}
    keys = {**said.pop("keys", {}), **given.pop("keys", {})}
    fields = _fields(root)
    return Dump(
        files,
        {
            **own,
            **said,
            **given,
            **({"keys": keys} if keys else {}),
            **({"fields": fields} if fields else {}),
        },
        places,
        attached,
    )


def _attached(root: Path, manifest: Mapping[str, Any] | None) -> list[Path]:
    """Return the bytes that a folder of Cerebro's own has of attached files, each as its name, a
    digest, says."""
    if not (manifest or {}).get("attachments"):
        return []
    found = [p for p in sorted((root / BYTES).glob("*")) if re.fullmatch(r"[0-9a-f]{64}", p.name)]
    for path in found:
        if _digest(path) != path.name:
            raise errors.refused(
                f"{path} is not what its name says: it was changed, or is cut off."
            )
    return found


def _lacks_bytes(root: Path, manifest: Mapping[str, Any] | None) -> bool:
    """Whether a folder names attached files, and was exported without their bytes."""
    return bool((manifest or {}).get("attachments")) and not (root / BYTES).is_dir()


def _files(root: Path, manifest: Mapping[str, Any] | None) -> Iterable[Path]:
    own = bool((manifest or {}).get("attachments"))
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        hidden = any(part.startswith(".") for part in parts)
        if own and (parts == (ATTACHMENTS,) or (parts[0] == BYTES and len(parts) > 1)):
            continue
        if path.is_file() and not hidden and path.name not in (MANIFEST, FIELDS):
            yield path


def _without_bytes(file: DumpPath) -> DumpPath:
    if file.said.get("noun") != BYTES:
        return file
    why = "The folder was exported without the bytes of attached files."
    return DumpPath(file.path, {"name": file.said["name"], "skip": why})


def _file(
    name: str,
    said: Mapping[str, Any],
    exported: tuple[Mapping[str, str], Mapping[str, Any] | None],
    places: Places,
) -> dict[str, Any]:
    """Return what the server is told of a file."""
    nouns, manifest = exported
    if not isinstance(said, Mapping):
        said_so = f'{name}: it takes a table such as noun = "companies".'
        raise _wrong(places, said_so, name)
    _check_words(said, _OF_FILE, places, name)
    found: dict[str, Any] = {"name": name}
    if said.get("skip"):
        is_text = isinstance(said["skip"], str)
        return {**found, "skip": said["skip"] if is_text else "The mapping file says so."}
    if manifest is not None and name not in nouns and not said:
        return {**found, "skip": f"{MANIFEST} does not name it."}
    if Path(name).suffix.lower() not in _ENDINGS and "format" not in said:
        return {**found, "skip": f"It is no table: {', '.join(_ENDINGS)} are read."}
    if name in nouns:
        found["noun"] = nouns[name]
    found |= {word: said[word] for word in _PLAIN if word in said}
    if columns := said.get("columns"):
        found["map"] = _columns(columns, places, name)
    if values := said.get("values"):
        found["values"] = {field: _text(value) for field, value in values.items()}
    return found


def _columns(columns: Any, places: Places, name: str) -> dict[str, Any]:
    if not isinstance(columns, Mapping):
        said = f'{name}: `columns` takes a table such as Town = "city".'
        raise _wrong(places, said, name, "columns")
    found: dict[str, Any] = {}
    for column, to in columns.items():
        if to is None or to is False or to == "":
            found[column] = None
        elif isinstance(to, Mapping):
            _check_words(to, _REFERENCE, places, name, column)
            if "from" not in to:
                said = f"{name}: {column} needs `from`: companies.external_ids.salesforce."
                raise _wrong(places, said, name, column)
            found[column] = dict(to)
        elif isinstance(to, str):
            found[column] = to
        else:
            said = f"{name}: {column} is mapped to a field, not to {to!r}; false leaves it out."
            raise _wrong(places, said, name, column)
    return found


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)


def _read_mapping(path: Path) -> tuple[dict[str, Any], Places]:
    """Read a mapping file: TOML, or JSON."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        said = f"The mapping file {path} cannot be read: {error.strerror}."
        raise errors.refused(said) from None
    except UnicodeDecodeError:
        raise errors.refused(f"The mapping file {path} is not UTF-8.") from None
    try:
        found = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except json.JSONDecodeError as error:
        raise errors.refused(f"{path}, line {error.lineno}: {error.msg}.") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise errors.refused(f"{path}: {error}.") from None
    places = Places(text, path)
    if not isinstance(found, dict):
        raise errors.refused(f'{path}: it takes a table such as preset = "salesforce".')
    _check_words(found, _WHOLE, places)
    for word in ("files", "keys"):
        if not isinstance(found.get(word, {}), dict):
            raise _wrong(places, f"`{word}` takes a table.", word)
    return found, places


def _check_words(
    said: Mapping[str, Any], known: Sequence[str], places: Places, *place: str
) -> None:
    for word in said:
        if word not in known:
            meant = get_close_matches(word, known, n=1)
            hint = f" Did you mean {meant[0]}?" if meant else ""
            where = f"{place[0]}: " if place else ""
            listed = ", ".join(known)
            said_so = f"{where}There is no setting {word!r}.{hint} There are: {listed}."
            raise _wrong(places, said_so, *place, word)


def _check_names(of_files: Mapping[str, Any], there: Sequence[str], places: Places) -> None:
    for name in of_files:
        if name not in there:
            meant = get_close_matches(name, there, n=1)
            hint = f" Did you mean {meant[0]!r}?" if meant else ""
            listed = ", ".join(there[:30]) or "none"
            said = f"The dump has no file {name!r}.{hint} Files: {listed}."
            raise _wrong(places, said, name)


def _manifest(root: Path) -> dict[str, Any] | None:
    """Return the manifest of an export of Cerebro's own; None where the folder is none."""
    path = root / MANIFEST
    if not path.exists():
        return None
    found = _json(path)
    if not isinstance(found, dict) or found.get("format") != "cerebro":
        return None
    if found.get("version") != _VERSION:
        said = f"{path}: it is of version {found.get('version')!r}, and this reads {_VERSION}."
        raise errors.refused(f"{said} Use a newer cerebro.")
    return found


def _checked(root: Path, manifest: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the nouns of the files that a manifest names, which are there and whole."""
    found: dict[str, str] = {}
    for each in (manifest or {}).get("files", ()):
        path = root / str(each.get("path"))
        if not path.resolve().is_relative_to(root.resolve()) or not path.is_file():
            raise errors.refused(f"{root / MANIFEST} names {each.get('path')}, which is not there.")
        if (form := _WRITTEN_ONLY.get(path.suffix)) is not None:
            raise errors.refused(f"{path}: {form} is not read; export the folder as jsonl or csv.")
        if each.get("sha256") not in (None, _digest(path)):
            said = f"{path} is not as {MANIFEST} has it (sha256): it was changed, or is cut off."
            raise errors.refused(said)
        found[path.relative_to(root).as_posix()] = str(each.get("noun"))
    if (manifest or {}).get("people") and (root / _PEOPLE).is_file():
        found[_PEOPLE] = "users"  # they are not made, but known by their addresses
    return found


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _fields(root: Path) -> list[Any]:
    """Return the custom fields that the folder describes."""
    path = root / FIELDS
    found = _json(path) if path.exists() else []
    found = found.get("fields", found.get("items", [])) if isinstance(found, dict) else found
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise errors.refused(f"{path} cannot be read: {error}.") from None


def _wrong(places: Places, said: str, *words: str) -> errors.InvalidError:
    """Make the error for what a mapping file says wrong, with its line: of the last of some words
    that follow one another."""
    place = places.of(*words)
    return errors.refused(said if place is None else f"{place}: {said}")
