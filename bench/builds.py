"""What is measured, built as it ships: the edge and terrace, the example's API, the FastAPI example's venv."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from processes import BenchError

REPOSITORY = Path(__file__).resolve().parent.parent
ITEMS = REPOSITORY / "examples" / "items"
FASTAPI = REPOSITORY / "examples" / "fastapi"


@dataclass(frozen=True)
class Programs:
    """Where the built programs are."""

    edge: Path
    terrace: Path
    items_api: Path
    uvicorn: Path


def build(skip: bool) -> Programs:
    """Builds everything; with `skip`, takes what an earlier run built."""
    if not skip:
        command("cargo", "build", "--release", "--locked", "-p", "terrace-edge", "-p", "terrace", folder=REPOSITORY)
        command("cargo", "build", "--release", "--locked", folder=ITEMS / "backend")
        if not (FASTAPI / ".venv/bin/alembic").exists():
            command(sys.executable, "-m", "venv", ".venv", folder=FASTAPI)
            command(".venv/bin/pip", "install", "--quiet", "-r", "requirements.txt", folder=FASTAPI)
    programs = Programs(
        edge=REPOSITORY / "target/release/terrace-edge",
        terrace=REPOSITORY / "target/release/terrace",
        items_api=ITEMS / "backend/target/release/items-api",
        uvicorn=FASTAPI / ".venv/bin/uvicorn",
    )
    for path in (programs.edge, programs.items_api, programs.uvicorn):
        if not path.exists():
            raise BenchError(f"{path} is not built")
    return programs


def command(*arguments: str, folder: Path) -> None:
    if subprocess.run(arguments, cwd=folder, stdout=sys.stderr).returncode != 0:
        raise BenchError(f"`{' '.join(arguments)}` failed in {folder}")
