"""Bytes kept by their hash: in a folder, or, where there are many machines, in an S3 store.

They are put before the transaction whose row refers to them: a crash in between leaves bytes that
no row names, which is harmless, and never a row without its bytes.
Made files lie apart under a prefix of their own: they are dropped again, whether a row names them
or not.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from lib.errors import LostError, StoreError
from lib.store import private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from io import BufferedRandom

THUMBNAIL = ".thumbnail"
_MADE = "made"
_CHUNK = 1 << 20  # bytes of a file that are in memory at a time
# Somebody waits for a picture: a store that does not answer is answered for with a sentence.
_PATIENCE = timedelta(seconds=20)


@dataclass(frozen=True)
class Blobs:
    """A store of bytes; `folder` is where they lie when it is a folder of this machine."""

    store: LocalStore | S3Store
    folder: Path | None = None

    def put(self, data: bytes, thumbnail: bytes = b"") -> str:
        """Keep the bytes, and a thumbnail beside them, under their hash, which is given back.

        The same bytes are kept once. StoreError when they cannot be kept.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        if thumbnail:
            self._put(_key(sha256) + THUMBNAIL, thumbnail)
        self._put(_key(sha256), data)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes of that hash; StoreError when they are not there, or are others."""
        data = self._get(_key(sha256))
        if hashlib.sha256(data).hexdigest() != sha256:
            raise _missing()
        return data

    def thumbnail(self, sha256: str) -> bytes:
        """The thumbnail beside the bytes of that hash; StoreError when there is none."""
        return self._get(_key(sha256) + THUMBNAIL)

    def kept(self, first: str) -> dict[str, datetime]:
        """What lies in one of the 256 folders, named by two digits of hashes: name, and since when.

        Thumbnails are named by the hash beside which they lie, and THUMBNAIL.
        """
        with _reachable():
            return {
                each["path"].rpartition("/")[2]: each["last_modified"]
                for batch in self.store.list(first)
                for each in batch
            }

    def drop(self, name: str, *, before: datetime) -> bool:
        """Drop what lies under a name, unless it was put there again meanwhile; whether it was."""
        with _reachable(), suppress(FileNotFoundError):
            if self.store.head(_key(name))["last_modified"] < before:
                self.store.delete(_key(name))
                return True
        return False

    def keep_made(self, file: BufferedRandom) -> str:
        """Keep a made file, however large, under its hash, which is given back."""
        file.seek(0)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        with _reachable():
            if self.folder:
                _copy(file, self.folder / _made_key(sha256))
            else:
                self.store.put(_made_key(sha256), file)
        return sha256

    def made(self, sha256: str) -> Iterator[bytes]:
        """A made file, part by part; StoreError at once when it is not there."""
        with _reachable():
            try:
                found = self.store.get(_made_key(sha256))
            except FileNotFoundError as error:
                raise _missing() from error
        return map(bytes, found.stream(min_chunk_size=_CHUNK))

    def drop_made(self, sha256: str) -> None:
        """Drop a made file, if it is there."""
        self._drop(_made_key(sha256))

    def drop_made_before(self, moment: datetime) -> None:
        """Drop all made files that were kept before a moment."""
        with _reachable():
            old = [
                each["path"]
                for batch in self.store.list(_MADE)
                for each in batch
                if each["last_modified"] < moment
            ]
        for key in old:
            self._drop(key)

    def require_reachable(self) -> None:
        """Raise StoreError when nothing could be read or kept now."""
        with _reachable():
            self.store.list_with_delimiter(_MADE)
            if self.folder and not os.access(self.folder, os.W_OK):
                raise PermissionError

    def _drop(self, key: str) -> None:
        with _reachable(), suppress(FileNotFoundError):
            self.store.delete(key)

    def _put(self, key: str, data: bytes) -> None:
        with _reachable():
            if self.folder:
                (self.folder / key).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.store.put(key, data, use_multipart=False)
            if self.folder:
                _settle(self.folder / key)

    def _get(self, key: str) -> bytes:
        with _reachable():
            try:
                return bytes(self.store.get(key).bytes())
            except FileNotFoundError as error:
                raise _missing() from error


def open_blobs(url: str) -> Blobs:
    """The store that an EVIDENCE_URL names: `file:///folder`, which is made, or `s3://bucket/path`.

    Access key, region and endpoint of an S3 store are read from the usual AWS_… variables; buckets
    are addressed by path. StoreError says what is wrong with another URL.
    """
    parts = urlsplit(url)
    with _reachable():
        if parts.scheme == "file" and not parts.netloc and parts.path.strip("/"):
            folder = Path(unquote(parts.path))
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            private.close(folder)
            return Blobs(LocalStore(folder), folder)
        if parts.scheme == "s3" and parts.netloc:
            return Blobs(_bucket(url))
    raise StoreError("EVIDENCE_URL 的写法不对，应为 file:///文件夹 或 s3://存储桶/路径。")


def _bucket(url: str) -> S3Store:
    return S3Store.from_url(
        url,
        client_options={
            "allow_http": True,  # as the endpoint says; AWS's own is https
            "connect_timeout": _PATIENCE / 4,
            "timeout": _PATIENCE,
        },
        retry_config={"max_retries": 3, "retry_timeout": _PATIENCE},
    )


def _key(sha256: str) -> str:
    """Where bytes lie: spread over 256 folders, so that none grows too large to list."""
    return f"{sha256[:2]}/{sha256}"


def _made_key(sha256: str) -> str:
    """Where a made file lies: there are few of them."""
    return f"{_MADE}/{sha256}"


def _copy(file: BufferedRandom, path: Path) -> None:
    """Copy a file beside its place and move it there.

    What a crash leaves beside it is listed like any other; what obstore would leave is not.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("wb") as copy:
        shutil.copyfileobj(file, copy, _CHUNK)
    part.rename(path)
    _settle(path)


def _settle(path: Path) -> None:
    """Close a new file to others, and see that it outlives a power failure: obstore does not.

    It is whole already: obstore writes beside it and renames.
    """
    for each in (path, path.parent):
        opened = os.open(each, os.O_RDONLY)
        try:
            if each is path:
                os.fchmod(opened, 0o600)
            os.fsync(opened)
        finally:
            os.close(opened)


@contextmanager
def _reachable() -> Iterator[None]:
    """Let what a store may run into become one sentence; its own words name keys and folders."""
    try:
        yield
    except (BaseError, OSError) as error:
        raise StoreError("存放图片的地方连不上或写不进去：请核对 EVIDENCE_URL 和权限。") from error


def _missing() -> LostError:
    return LostError("图片文件不在了或已损坏：请从备份中恢复存放图片的地方。")
