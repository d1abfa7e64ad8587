"""The ledger: an append-only file of JSON lines, durable before anything is committed."""

from __future__ import annotations

import json
import os
from pathlib import Path

from fixit_tui.errors import FixitError
from fixit_tui.model.outcome import Receipt
from fixit_tui.store.codec import decode, encode
from fixit_tui.store.paths import PRIVATE_FILE, make_private

VERSION = 1


class FileLedger:
    """Receipts in `folder`/ledger.jsonl; one line a state, the last line of an id counts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = folder / "ledger.jsonl"

    def append(self, receipt: Receipt) -> None:
        """Write one line and fsync file and folder; raises FixitError when that fails."""
        line = json.dumps({"v": VERSION, "receipt": encode(receipt)}, ensure_ascii=True)
        make_private(self._folder)
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, PRIVATE_FILE)
            try:
                self._write_line(handle, line.encode())
            finally:
                os.close(handle)
            self._sync_folder()
        except OSError as error:
            raise FixitError(
                f"cannot write the ledger {self.path}: {error.strerror}",
                hint="make room or fix its permissions; without a record nothing is applied",
            ) from error

    @staticmethod
    def _write_line(handle: int, line: bytes) -> None:
        size = os.fstat(handle).st_size
        torn = size > 0 and _last_byte(handle, size) != b"\n"
        # One write call, so that lines of two processes do not mix.
        data = (b"\n" if torn else b"") + line + b"\n"
        while data:
            data = data[os.write(handle, data) :]
        os.fsync(handle)

    def _sync_folder(self) -> None:
        if os.name == "nt":  # folders cannot be opened there, and need no sync
            return
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def receipts(self) -> tuple[Receipt, ...]:
        """The last state of every receipt, oldest first; torn and foreign lines are passed over."""
        found: dict[str, Receipt] = {}
        for line in self._lines():
            receipt = _parse(line)
            if receipt is not None:
                found[receipt.id] = receipt
        return tuple(found.values())

    def unreadable(self) -> int:
        """How many whole lines are none that this version reads.

        What stands behind the last line's end was never durable, and does not count.
        """
        return sum(_parse(line) is None for line in self._lines()[:-1] if line.strip())

    def _lines(self) -> list[bytes]:
        try:
            return self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise FixitError(
                f"cannot read the ledger {self.path}: {error.strerror}",
                hint="fix its permissions",
            ) from error


def _parse(line: bytes) -> Receipt | None:
    try:
        data = json.loads(line)
        if not isinstance(data, dict) or data.get("v") != VERSION:
            return None
        return decode(Receipt, data.get("receipt"))
    except ValueError:
        return None


def _last_byte(handle: int, size: int) -> bytes:
    os.lseek(handle, size - 1, os.SEEK_SET)
    return os.read(handle, 1)
