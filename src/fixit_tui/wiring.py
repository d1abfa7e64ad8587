"""The composition root: the only place that knows every adapter, imported when it is needed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from fixit_tui.errors import UsageError

if TYPE_CHECKING:
    from fixit_tui.cli.services import DemoServer
    from fixit_tui.engine.ports import Database, Ledger, Shadow
    from fixit_tui.engine.session import Session
    from fixit_tui.facts.snapshot import Capture
    from fixit_tui.model.outcome import Receipt
    from fixit_tui.model.target import Environment
    from fixit_tui.playbooks.manifest import Playbook
    from fixit_tui.store.profiles import Profile

CAPTURE_SUFFIX = ".fixit"
_LIBPQ = ("PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGSERVICE")


@dataclass(frozen=True, slots=True)
class Opened:
    """What a TARGET word stands for: a database, or a saved capture."""

    label: str
    database: Database | None
    capture: Callable[[], Capture] | None
    environment: Environment
    code: Path | None


class Wiring:
    """Builds sessions for the front ends; nothing is imported or opened before it is needed."""

    def __init__(
        self, *, state_dir: Path | None = None, environ: Mapping[str, str] | None = None
    ) -> None:
        self._state_dir = state_dir
        self._environ = os.environ if environ is None else environ
        self._demo: Any = None

    def open_session(
        self,
        target: str | None,
        *,
        code: Path | None = None,
        symptom_text: str | None = None,
        playbook_dirs: Sequence[Path] = (),
        playbook_ids: Sequence[str] = (),
        environment: Environment | None = None,
        ledger_in_database: bool | None = None,
    ) -> Session:
        """A session on a DSN, a named target or a saved capture, not yet connected.

        `ledger_in_database` is as the settings say where it is not given.
        Without a target: DATABASE_URL, then the libpq variables. Raises UsageError for what
        names nothing, for a code folder that is none, and for unknown playbook ids.
        """
        from fixit_tui.engine.session import Session
        from fixit_tui.engine.world import World
        from fixit_tui.store.clock import SystemClock

        opened = self._resolve(target)
        root = code if code is not None else opened.code
        if root is not None and not root.is_dir():
            raise UsageError(
                f"{root} is not a folder", hint="--code takes the application's source folder"
            )
        session = Session(
            World(
                label=opened.label,
                ledger=self._ledger(),
                clock=SystemClock(),
                playbooks=lambda: self._playbooks(playbook_dirs, playbook_ids),
                database=opened.database,
                capture=opened.capture,
                code_root=root,
                environment=environment or opened.environment,
                shadow=_open_shadow,
                ledger_in_database=self._recording(ledger_in_database),
            )
        )
        if symptom_text is not None and symptom_text.strip():
            session.understand(symptom_text)
        return session

    @staticmethod
    def _recording(told: bool | None) -> bool:
        from fixit_tui.store.paths import config_dir
        from fixit_tui.store.settings import load_settings

        return load_settings(config_dir()).ledger_in_database if told is None else told

    def run_app(
        self,
        session: Session,
        *,
        mode: Literal["triage", "oncall"] = "triage",
        ascii_only: bool = False,
        out: Path = Path("fixit-export"),
    ) -> None:
        """Run the app on a session until the person leaves; closes the session."""
        from fixit_tui.tui.app import FixitApp

        try:
            FixitApp(session, mode=mode, ascii=ascii_only, export_dir=out).run()
        finally:
            session.close()

    def _resolve(self, target: str | None) -> Opened:
        from fixit_tui.model.target import Environment

        word = target if target is not None else self._default_target()
        if word.endswith(CAPTURE_SUFFIX):
            return self._open_capture(Path(word))
        if "://" in word or "=" in word or not word:
            return self._open_database(word, None, Environment.UNKNOWN, None)
        if _is_file(word):
            return self._open_capture(Path(word))
        profile = self._profiles().find(word)
        if profile is None:
            known = ", ".join(p.name for p in self._profiles().all()) or "none"
            shown = re.sub(r":.*@", ":…@", word)
            raise UsageError(
                f"'{shown}' is neither a DSN, a named target nor a saved capture",
                hint=f"named targets: {known}; a DSN looks like postgresql://user@host/database",
            )
        code = Path(profile.code).expanduser() if profile.code else None
        return self._open_database(profile.dsn, self._secret_of(profile), profile.environment, code)

    def _default_target(self) -> str:
        url = self._environ.get("DATABASE_URL", "").strip()
        if url or any(self._environ.get(name) for name in _LIBPQ):
            return url
        raise UsageError(
            "no target is given",
            hint="give a DSN or a named target, or set DATABASE_URL or the PG* variables; "
            "fixit-tui demo needs none",
        )

    def _secret_of(self, profile: Profile) -> Callable[[], str | None] | None:
        from fixit_tui.store.profiles import SecretSource

        if profile.secret is not SecretSource.KEYRING:
            return None

        def read() -> str | None:
            from fixit_tui.store import secrets

            return secrets.read(profile.name)

        return read

    def _open_database(
        self,
        dsn: str,
        secret: Callable[[], str | None] | None,
        environment: Environment,
        code: Path | None,
    ) -> Opened:
        from fixit_tui.postgres.database import PgDatabase

        database = PgDatabase(dsn, secret=secret)
        return Opened(database.label, database, None, environment, code)

    def _open_capture(self, path: Path) -> Opened:
        from fixit_tui.model.target import Environment

        def read() -> Capture:
            from fixit_tui.facts.snapshot import load

            return load(path)

        if not path.is_file():
            raise UsageError(
                f"there is no saved capture {path}", hint="fixit-tui capture makes one"
            )
        return Opened(path.name, None, read, Environment.UNKNOWN, None)

    def _ledger(self) -> Ledger:
        from fixit_tui.store.ledger import FileLedger
        from fixit_tui.store.paths import state_dir

        return FileLedger(self._state_dir or state_dir())

    def _profiles(self) -> Any:
        from fixit_tui.store.paths import config_dir
        from fixit_tui.store.profiles import ProfileStore

        return ProfileStore(config_dir())

    def _playbooks(
        self, extra: Sequence[Path], ids: Iterable[str]
    ) -> tuple[tuple[Playbook, ...], tuple[str, ...]]:
        """The playbooks to run, and what is wrong with those that cannot be."""
        from fixit_tui.playbooks.manifest import load_all

        playbooks, problems = load_all(self.playbook_roots(extra))
        wanted = tuple(ids)
        known = {p.id for p in playbooks}
        strange = [i for i in wanted if i not in known]
        if strange:
            raise UsageError(
                f"no playbook is called {', '.join(strange)}",
                hint=f"known: {', '.join(sorted(known))}",
            )
        chosen = tuple(p for p in playbooks if not wanted or p.id in wanted)
        return chosen, tuple(str(p) for p in problems)

    def playbook_roots(self, extra: Sequence[Path]) -> tuple[tuple[str, Path], ...]:
        """Layer name and folder, built-in first, then a person's own, then those given."""
        from fixit_tui.playbooks.locate import builtin_root
        from fixit_tui.store.paths import config_dir, own_playbooks
        from fixit_tui.store.settings import load_settings

        roots = [("builtin", builtin_root())]
        configured = load_settings(config_dir()).playbooks
        for folder in (own_playbooks(), *([Path(configured).expanduser()] if configured else [])):
            if folder.is_dir():
                roots.append(("user", folder))
        for folder in extra:
            if not folder.is_dir():
                raise UsageError(
                    f"{folder} is not a folder of playbooks", hint="give an existing folder"
                )
            roots.append(("extra", folder))
        return tuple(roots)

    def capture_to_file(self, target: str | None, out: Path, code: Path | None = None) -> Path:
        """Save the catalog facts of a target to a file that needs no server to be diagnosed.

        The server's verdicts on conflict clauses in its functions, and in `code`, go along.
        """
        from fixit_tui import __version__
        from fixit_tui.engine.capture import record
        from fixit_tui.facts.snapshot import save
        from fixit_tui.model.events import ignore_event

        opened = self._resolve(target)
        if opened.database is None:
            raise UsageError(f"{opened.label} is a saved capture already")
        path = out if out.suffix == CAPTURE_SUFFIX else out.with_name(out.name + CAPTURE_SUFFIX)
        reader = opened.database.reader()
        try:
            facts, verdicts = record(reader, code, ignore_event, lambda: False)
        finally:
            reader.close()
        try:
            captured = facts.query("SELECT captured_at FROM server")
            meta = {
                "tool_version": __version__,
                "label": opened.label,
                "captured_at": captured[0]["captured_at"] if captured else None,
            }
            save(path, facts, meta, verdicts)
        finally:
            facts.close()
        return path

    def query_facts(
        self, target: str | None, code: Path | None, sql: str
    ) -> list[dict[str, object]]:
        """Rows of a SELECT over the facts of a target and a code folder."""
        from fixit_tui.model.events import ignore_event

        session = self.open_session(target, code=code)
        try:
            facts = session.gather(ignore_event, lambda: False)
            return [dict(row) for row in facts.select(sql)]
        finally:
            session.close()

    def all_receipts(self) -> tuple[Receipt, ...]:
        """Every receipt on this machine, oldest first."""
        return self._ledger().receipts()

    def targets(self) -> dict[str, str]:
        """Names of stored targets with their DSN, without passwords."""
        return {p.name: p.dsn for p in self._profiles().all()}

    def save_target(self, name: str, dsn: str, code: Path | None) -> None:
        """Store a target; a password in the DSN goes to the keyring, never to the file."""
        from fixit_tui.store import secrets
        from fixit_tui.store.profiles import Profile, SecretSource, password_of, without_password

        password = password_of(dsn)
        if password is not None:
            secrets.store(name, password)
        source = SecretSource.LIBPQ if password is None else SecretSource.KEYRING
        folder = str(code.resolve()) if code is not None else ""
        self._profiles().save(Profile(name, without_password(dsn), code=folder, secret=source))

    def forget_target(self, name: str) -> None:
        """Remove a stored target and its password."""
        from fixit_tui.store import secrets
        from fixit_tui.store.profiles import SecretSource

        profile = self._profiles().find(name)
        self._profiles().forget(name)
        if profile is not None and profile.secret is SecretSource.KEYRING:
            secrets.forget(name)

    def start_demo(self, *, reset: bool, keep: bool) -> DemoServer:
        """Bring the demo server up, with the incidents that the playbooks' own cases make."""
        from fixit_tui.cli.services import DemoServer
        from fixit_tui.playbooks.cases import document_cases
        from fixit_tui.playbooks.locate import builtin_root
        from fixit_tui.playbooks.manifest import load_all
        from fixit_tui.postgres.demo import DemoDatabase

        root = builtin_root()
        playbooks, _ = load_all([("builtin", root)])
        self._demo = DemoDatabase()
        demo = self._demo.start(document_cases(playbooks), root / "platforms", reset=reset)
        if keep:
            self._demo = None
        return DemoServer(demo.dsn, demo.code, demo.errors, demo.data_dir)

    def stop_demo(self) -> bool:
        """Stop the demo server; True if there was one to stop."""
        from fixit_tui.postgres.demo import DemoDatabase

        if self._demo is not None:
            return bool(self._demo.stop())
        return DemoDatabase().stop(force=True)

    def own_playbooks(self) -> Path:
        """The folder in which a person keeps their own playbooks; it need not be there yet."""
        from fixit_tui.store.paths import config_dir, own_playbooks
        from fixit_tui.store.settings import load_settings

        configured = load_settings(config_dir()).playbooks
        return Path(configured).expanduser() if configured else own_playbooks()

    def test_playbooks(
        self, folders: Sequence[Path], on_case: Callable[[str, str, tuple[str, ...]], None]
    ) -> None:
        """Hold every case of playbook folders on a server of its own.

        Tells playbook, case and one sentence for each broken promise.
        """
        from fixit_tui.case_runs import run_cases
        from fixit_tui.playbooks.manifest import load_playbook

        tested = [load_playbook(folder.resolve(), "extra") for folder in folders]
        others, _ = self._playbooks((), ())
        run_cases(tested, others, on_case)

    def doctor(self) -> list[tuple[str, bool, str]]:
        """Checks of this machine: label, whether it is all right, detail."""
        from fixit_tui.machine import machine_checks

        return [*machine_checks(self._environ), self._playbook_check()]

    def _playbook_check(self) -> tuple[str, bool, str]:
        try:
            playbooks, problems = self._playbooks((), ())
        except UsageError as error:
            return "playbooks", False, error.message
        return (
            "playbooks",
            not problems,
            f"{len(playbooks)} loaded" + "".join(f"; {problem}" for problem in problems),
        )


def _is_file(word: str) -> bool:
    try:
        return Path(word).is_file()
    except (OSError, ValueError):  # too long, or with a byte that no name may hold
        return False


def open_session(target: str | None, **options: Any) -> Session:
    """A session as `Wiring.open_session` opens it, for scripts and tests."""
    state_dir = options.pop("state_dir", None)
    return Wiring(state_dir=state_dir).open_session(target, **options)


def _open_shadow(search_path: str, version: int) -> AbstractContextManager[Shadow]:
    from fixit_tui.postgres.shadow import open_shadow

    return open_shadow(search_path, version)
