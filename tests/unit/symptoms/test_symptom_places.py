"""Paths of stack frames: folders whose names hold what else ends a path."""

from __future__ import annotations

import pytest

from fixit_tui.symptoms.places import read_traces

FRAMES = [
    ("    at d (/var/task/.next/server/app/(shop)/cart/page.js:1:8811)", "/var/task/.next/server/app/(shop)/cart/page.js"),
    ("at f (webpack-internal:///(app-pages-browser)/./src/app/(shop)/cart.tsx:12:3)", "src/app/(shop)/cart.tsx"),
    ("app/@modal/(.)photo/page.tsx:3:4", "app/@modal/(.)photo/page.tsx"),
    ("at async save (src/a.ts:3:4)", "src/a.ts"),
    ("#1      load (package:shop/cart/store.dart:7:17)", "lib/cart/store.dart"),
    ("save@http://localhost:3000/src/a.ts:3:4", "src/a.ts"),
]  # fmt: skip


@pytest.mark.parametrize(("frame", "file"), FRAMES)
def test_the_file_of_a_frame(frame: str, file: str) -> None:
    (trace,) = read_traces(frame)
    assert [place.file for place in trace.places] == [file]
