# Generated from ../_async/folders.py by tools/sync_client.py; do not edit.
"""A whole export as a folder: written on the server, fetched file by file, resumed by itself.

What is half there is called `*.part`. `.cerebro-export.json` says which export the folder is of
until it is whole, so that the next call goes on with it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import time  # noqa: F401 -- the synchronous twin sleeps with it
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cerebro_sdk import _http, errors
from cerebro_sdk._sync.exports import RawExports, file_call
from cerebro_sdk._sync.streams import range_from
from cerebro_sdk._sync.transport import Transport, Call, segment

MANIFEST = "manifest.json"
ATTACHMENTS, BYTES = "attachments.jsonl", "files"
_UNDERWAY = ".cerebro-export.json"
_BUSY = ("waiting", "running")
_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 1.0
_PIECE = 1 << 20


class Progress(NamedTuple):
    """How far an export is."""

    export: Mapping[str, Any]
    """As the server tells it."""
    path: str | None = None
    """The file that is being fetched; None while the server writes."""
    done: int = 0
    """How many bytes of all files are here."""
    total: int = 0


OnProgress = Callable[[Progress], object]


class Folder:
    """One folder, and the export that is to be in it."""

    def __init__(
        self,
        transport: Transport,
        folder: str | os.PathLike[str],
        asked: Mapping[str, Any],
        *,
        attachments: bool = True,
        on_progress: OnProgress | None = None,
    ) -> None:
        self._transport = transport
        self._folder = Path(folder)
        self._asked = {name: value for name, value in asked.items() if value is not None}
        self._brings_bytes = attachments
        self._exports = RawExports(transport, "exports", "workspace.exports")
        self._tell = on_progress or (lambda _: None)
        self._done = 0
        self._total = 0

    def fetch(self, *, replace: bool) -> dict[str, Any]:
        """Bring the export into the folder, and return it.

        Raises `FileExistsError` where the folder holds a whole one already, unless it is to be
        replaced.
        """
        export = self._underway()
        if export is None:
            self._make_room(replace)
            export = self._exports.create(**self._asked)
            self._note({"export_id": export["id"], "asked": self._asked, "of": self._origin})
        export = self._ready(export)
        # the manifest last: where it is, all is
        files = sorted(export["files"], key=lambda file: file["path"] == MANIFEST)
        self._total = sum(file["size"] for file in files)
        for file in files[:-1]:
            self._bring(export, file)
        self._bring_attachments(export)
        for file in files[-1:]:
            self._bring(export, file)
        self._tell(Progress(export, None, self._total, self._total))
        (self._folder / _UNDERWAY).unlink()
        return export

    @property
    def _origin(self) -> str:
        return str(self._transport.address)

    def _underway(self) -> dict[str, Any] | None:
        """Return the export that this folder was to get when somebody was interrupted."""
        try:
            said = json.loads((self._folder / _UNDERWAY).read_text("utf-8"))
        except (OSError, ValueError):
            return None
        if said.get("asked") != self._asked or said.get("of") != self._origin:
            return None
        try:
            export = self._exports.get(said["export_id"])
        except (errors.NotFoundError, errors.ForbiddenError):
            return None
        return None if export["state"] == "failed" else export

    def _make_room(self, replace: bool) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        manifest = self._folder / MANIFEST
        if manifest.exists():
            if not replace:
                raise FileExistsError(f"{self._folder} holds an export already.")
            # first of all, since what is there from now on belongs to no one moment
            manifest.unlink()
        for part in self._folder.glob("*.part"):
            part.unlink()

    def _note(self, said: Mapping[str, Any]) -> None:
        place = self._folder / _UNDERWAY
        draft = place.with_name(f"{place.name}.new")
        draft.write_text(json.dumps(said), encoding="utf-8")
        draft.replace(place)

    def _ready(self, export: dict[str, Any]) -> dict[str, Any]:
        pause = _FIRST_PAUSE_SECONDS
        while export["state"] in _BUSY:
            self._tell(Progress(export))
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)
            export = self._exports.get(export["id"])
        if export["state"] == "failed":
            (self._folder / _UNDERWAY).unlink(missing_ok=True)
            problem = export.get("problem") or {"detail": "The export failed."}
            body = json.dumps(problem).encode()
            raise errors.from_reply(int(problem.get("status") or 500), {}, body)
        return export

    def _bring_attachments(self, export: Mapping[str, Any]) -> None:
        """Bring the bytes of the files that are exported, each content once, under its digest.
        What was destroyed since the export began is left out."""
        listed = self._folder / ATTACHMENTS
        if not self._brings_bytes or not any(f["path"] == ATTACHMENTS for f in export["files"]):
            return
        folder = self._folder / BYTES
        folder.mkdir(exist_ok=True)
        self._total += sum(each["size"] for each in _attachments(listed))
        for each in _attachments(listed):
            path = f"{BYTES}/{each['sha256']}"
            with contextlib.suppress(errors.NotFoundError):
                self._bring(export, {**each, "path": path, "file_id": each["id"]})

    def _bring(self, export: Mapping[str, Any], file: Mapping[str, Any]) -> None:
        target = self._folder / (file["path"] if "file_id" in file else _plain_name(file["path"]))
        before = self._done
        if not _is_whole(target, file):
            part = target.with_name(f"{target.name}.part")
            self._download(export, file, part)
            if not _is_whole(part, file):
                part.unlink()
                raise errors.unexpected(200, f"{file['path']} arrived changed; export again.")
            part.replace(target)
        self._done = before + file["size"]

    def _download(
        self, export: Mapping[str, Any], file: Mapping[str, Any], part: Path
    ) -> None:
        """Append to what is there until it is as long as it should be, however often the
        connection breaks while something arrives in between."""
        before, left = self._done, self._transport.options.max_retries
        with part.open("ab") as out:
            if out.tell() > file["size"]:
                out.truncate(0)
            while (offset := out.tell()) < file["size"] or not file["size"]:
                self._done = before + offset
                try:
                    self._append(export, file, out, offset)
                except _http.SendError as error:
                    left = left - 1 if out.tell() == offset else self._transport.options.max_retries
                    if left < 0:
                        raise self._transport.broken(error) from error
                    continue
                if out.tell() <= offset:
                    break

    def _append(
        self, export: Mapping[str, Any], file: Mapping[str, Any], out: Any, offset: int
    ) -> None:
        reply = self._transport.stream(_call(export, file, offset))
        try:
            if offset and reply.status != 206:
                out.truncate(0)
                self._done -= offset
            for chunk in reply.chunks():
                out.write(chunk)
                self._done += len(chunk)
                self._tell(Progress(export, file["path"], self._done, self._total))
        finally:
            out.flush()
            reply.close()


def _call(export: Mapping[str, Any], file: Mapping[str, Any], offset: int) -> Call:
    """Return the call for a file of the export, or for the bytes of a file that it names."""
    etag = f'"{file["sha256"]}"'
    if "file_id" not in file:
        return file_call("/v1/exports", export["id"], file["path"], offset=offset, etag=etag)
    headers = {**range_from(offset), **({"If-Range": etag} if offset else {})}
    where = f"/v1/files/{segment(file['file_id'])}/content"
    params = {"deleted": "include"}
    return Call("GET", where, params=params, headers=headers, is_repeatable=True)


def _attachments(listed: Path) -> Iterator[dict[str, Any]]:
    """Yield which bytes belong to which file, each content once."""
    seen: set[str] = set()
    with listed.open(encoding="utf-8") as lines:
        for line in lines:
            each = json.loads(line)
            digest = str(each["sha256"])
            if not re.fullmatch(r"[0-9a-f]{64}", digest):
                raise errors.unexpected(200, f"The server names bytes {digest[:100]!r}.")
            if digest not in seen:
                seen.add(digest)
                yield each


def _is_whole(path: Path, file: Mapping[str, Any]) -> bool:
    """Whether a file is there, and what it should be."""
    with contextlib.suppress(OSError):
        if path.stat().st_size != file["size"]:
            return False
        digest = hashlib.sha256()
        with path.open("rb") as content:
            while piece := content.read(_PIECE):
                digest.update(piece)
        return digest.hexdigest() == str(file["sha256"])
    return False


def _plain_name(path: object) -> str:
    """Return a file's name, if it is one: nothing is written outside of the folder."""
    name = str(path)
    if name in ("", ".", "..") or Path(name).name != name or name.startswith("."):
        raise errors.unexpected(200, f"The server names a file {name[:100]!r}.")
    return name
