"""Who may log in to the workspace's own Label Studio server: made once, in a file that its owner alone reads."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from corpus.errors import DeskError
from corpus.machine.files import write_whole

DEFAULT_USERNAME = "annotator@ernotes.local"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user of Label Studio; `token` is 40 hexadecimal digits."""

    username: str
    password: str = field(repr=False)
    token: str = field(repr=False)


def server_credentials(path: Path, environment: Mapping[str, str] = os.environ) -> Credentials:
    """The server's first user: from LABEL_STUDIO_USERNAME, _PASSWORD and _USER_TOKEN, else from the file.

    The file is made where it is missing. Label Studio looks at them only when it makes the user, at its first start.
    """
    known = stored_credentials(path, DEFAULT_USERNAME)
    return Credentials(
        environment.get("LABEL_STUDIO_USERNAME") or known.username,
        environment.get("LABEL_STUDIO_PASSWORD") or known.password,
        environment.get("LABEL_STUDIO_USER_TOKEN") or known.token,
    )


def stored_credentials(path: Path, username: str) -> Credentials:
    """The credentials in a file; where there is no file yet, new ones are written to it (mode 0600) first."""
    if not path.exists():
        fresh = Credentials(username, secrets.token_urlsafe(18), secrets.token_hex(20))
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(path, json.dumps(asdict(fresh), indent=2))
    try:
        return Credentials(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        raise DeskError(f"{path} holds no credentials; restore it, or delete its folder and push again") from None
