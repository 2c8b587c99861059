"""What gh-action-pypi-publish does: trades an OIDC token for an upload token, and sends a folder's files."""

import os
from pathlib import Path

import requests

url = os.environ["REPOSITORY_URL"]
index = url.removesuffix("/legacy/")
audience = requests.get(f"{index}/_/oidc/audience", timeout=30).json()["audience"]
identity = requests.get(
    os.environ["ACTIONS_ID_TOKEN_REQUEST_URL"],
    {"audience": audience},
    headers={"Authorization": f"bearer {os.environ['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"},
    timeout=30,
).json()["value"]
minted = requests.post(f"{index}/_/oidc/mint-token", json={"token": identity}, timeout=30)
minted.raise_for_status()
for file in sorted(Path("dist").iterdir()):
    name, version = file.name.removesuffix(".tar.gz").split("-")[:2]
    answer = requests.post(
        url,
        {":action": "file_upload", "name": name, "version": version},
        files={"content": (file.name, file.read_bytes())},
        auth=("__token__", minted.json()["token"]),
        timeout=30,
    )
    print(file.name, answer.status_code)
    answer.raise_for_status()
