"""Lists a Git repository's references over HTTPS, as `git fetch` begins.

https://git-scm.com/docs/gitprotocol-http (Smart Clients) and https://git-scm.com/docs/gitprotocol-v2. With version 2 the answer
is a few hundred bytes, however many references there are.
"""

import base64
from dataclasses import dataclass

from bot.detection.probes.canaries.http_canary import HttpCanary, refused, request, wrong_body
from bot.net.http_client import HttpClient
from checks import Scope

_TYPE = "application/x-git-upload-pack-advertisement"
_BEGINS = (b"001e# service=git-upload-pack\n", b"000eversion 2\n")


@dataclass(frozen=True, slots=True)
class _GitFetch:
    url: str
    token: str

    async def __call__(self, client: HttpClient) -> None:
        pair = base64.b64encode(f"x-access-token:{self.token}".encode()).decode()
        credentials = {"Authorization": f"Basic {pair}"} if self.token else {}
        answer = await request(
            client,
            "git fetch",
            f"{self.url.rstrip('/')}/info/refs?service=git-upload-pack",
            headers={"Git-Protocol": "version=2"},
            credentials=credentials,
        )
        if answer.status != 200:
            raise refused(answer, "git fetch")
        typed = answer.headers.get("content-type", "").startswith(_TYPE)
        if not typed or not answer.body.startswith(_BEGINS):
            raise wrong_body("git fetch", "a list of references")


def git_canary(url: str, about: Scope, token: str = "", part: str = "Git Operations") -> HttpCanary:
    """A canary for a repository such as https://github.com/OWNER/NAME.git. `token`: for one that is not public."""
    return HttpCanary(about, f"canary:git:{url}", _GitFetch(url, token), part)
