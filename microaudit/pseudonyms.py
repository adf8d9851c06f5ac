"""Clear names -> keyed hashes, before anything is written. The key lives outside the store."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from microaudit.errors import MicroauditError

KEY_BYTES = 32


def pseudonym(key: bytes, platform: str, name: str) -> str:
    """HMAC-SHA-256 of the platform and the name, 128 bits as 32 hex digits."""
    return hmac.new(key, f"{platform}\0{name}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]


def key_path() -> Path:
    """MICROAUDIT_KEY_FILE, or `microaudit/key` in the user's configuration folder."""
    if named := os.environ.get("MICROAUDIT_KEY_FILE"):
        return Path(named)
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "microaudit" / "key"


def load_key() -> bytes:
    """The key of this installation; made at first use, readable by its owner only (0600)."""
    path = key_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            key = bytes.fromhex(path.read_text(encoding="ascii").strip())
        else:
            key = secrets.token_bytes(KEY_BYTES)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(key.hex())
    except (OSError, ValueError) as error:
        raise MicroauditError("MA0203", f"the pseudonym key {path} cannot be used: {error}") from error
    if len(key) < KEY_BYTES:
        raise MicroauditError("MA0203", f"the pseudonym key {path} is too short: {KEY_BYTES} bytes as hex are needed")
    return key
