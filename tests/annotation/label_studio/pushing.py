"""One push as a process of its own, for the test that kills it: URL TOKEN STORE_URL PROJECT."""

import sys

import annotation.label_studio.push
from annotation.label_studio.client import Client
from annotation.label_studio.project import ensure_project
from annotation.label_studio.server import Address
from corpus.note import Role
from corpus.store import Store

if __name__ == "__main__":
    url, token, store_url, title = sys.argv[1:]
    annotation.label_studio.push.BATCH_SIZE = 3
    store = Store.open(store_url)
    client = Client(Address(url, token, "own"), timeout_seconds=60)
    project = ensure_project(client, title)
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    annotation.label_studio.push.push(client, store, project, store.notes.ids(Role.POOL), "m1")
