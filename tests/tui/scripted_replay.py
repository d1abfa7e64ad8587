"""A replay that row level security makes a difference to."""

from __future__ import annotations

from fixit_tui.model.outcome import Replayed, ReplayResult
from fixit_tui.model.replay import Replay

REPLAY = Replay(
    "INSERT INTO public.notes (owner, slug) VALUES ('…', 'a')",
    "authenticated",
    unlimited_role="postgres",
    notes=("the request shows no token that can be read: it is replayed as anon",),
)
REPLAYED = Replayed(
    where="academy@db.example.net",
    role="authenticated",
    result=ReplayResult(
        "", "42501", 'new row violates row-level security policy for table "notes"'
    ),
    unlimited_role="postgres",
    unlimited=ReplayResult(
        "",
        "23505",
        'duplicate key value violates unique constraint "notes_key"',
        constraint="notes_key",
        detail="Key (owner, slug)=(…) already exists.",
    ),
    difference="privileges or policies of its role hide another error: 23505 duplicate key value"
    ' violates unique constraint "notes_key"',
    verdict="it fails with 42501, as reported",
    same_error=True,
    http_status=403,
    notes=REPLAY.notes,
)
