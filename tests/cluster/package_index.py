"""A package index in a folder, of wheels as small as they can be: uv takes it for a real one."""

import base64
import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest


def wheel(folder: Path, name: str, version: str, *needs: str) -> Path:
    """Write a wheel with one module of the package's name, which has the version in it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    metadata = [
        f"Name: {name}",
        f"Version: {version}",
        *(f"Requires-Dist: {need}" for need in needs),
    ]
    files = {
        f"{name}.py": f"version = {version!r}\n",
        f"{info}/METADATA": "\n".join([*metadata, ""]),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{file},sha256={digest(text)},{len(text)}" for file, text in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""])
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
    return path


def digest(text: str) -> str:
    """A SHA-256 as RECORD has it."""
    found = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(found).decode().rstrip("=")


@dataclass(frozen=True)
class Index:
    """The index in `folder`, which uv asks and no other."""

    folder: Path

    def add(self, name: str, version: str, *needs: str) -> Path:
        """Publish a package that needs others."""
        path = wheel(self.folder / "simple" / name, name, version, *needs)
        names = [one.name for one in sorted(path.parent.glob("*.whl"))]
        links = "".join(f'<a href="{one}">{one}</a>' for one in names)
        (path.parent / "index.html").write_text(f"<!DOCTYPE html><html><body>{links}</body></html>")
        return path

    def lock(self, path: Path) -> str:
        """The lines of a lock for a published package."""
        name, version = path.name.split("-")[:2]
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        return f"{name}=={version} \\\n    --hash=sha256:{found}\n"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    """An index of one's own, empty, and a cache for what comes from it."""
    folder = tmp_path / "index"
    (folder / "simple").mkdir(parents=True)
    for name in ("UV_EXTRA_INDEX_URL", "UV_INDEX", "UV_INDEX_URL", "UV_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("UV_DEFAULT_INDEX", (folder / "simple").as_uri())
    monkeypatch.setenv("UV_CACHE_DIR", str(folder / "cache"))
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    return Index(folder)
