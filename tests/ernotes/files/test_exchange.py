"""Import: notes that nearly repeat one another are of one lineage."""

import json
from pathlib import Path

from corpus.note import Role, Sensitivity
from corpus.store import Store
from corpus.workspace import make_workspace, open_workspace
from ernotes.files.exchange import import_notes

ONE = "Homem de 71 anos que recorre por dispneia de esforço com cinco dias de evolução e edemas dos membros"
TWO = "Mulher de 34 anos com dor na fossa ilíaca direita, anorexia e um vómito desde a madrugada de hoje"


def bring(store: Store, folder: Path, role: Role, **texts: str) -> int:
    path = folder / f"{'-'.join(texts)}.json"
    path.write_text(json.dumps([{"doc_id": name, "text": text, "annotations": []} for name, text in texts.items()]))
    return import_notes(store, path, role, source=path.name, sensitivity=Sensitivity.FICTIONAL).new


def test_near_duplicates_share_a_lineage_and_keep_their_roles(tmp_path: Path) -> None:
    make_workspace(tmp_path / "w", "")
    with open_workspace(tmp_path / "w", write=True) as workspace:
        store = workspace.store
        assert bring(store, tmp_path, Role.TRAIN, a=ONE, b=TWO, c=f"{ONE}.") == 3
        assert bring(store, tmp_path, Role.VALIDATION, d=f"# {TWO}", e="Outra nota, que nada tem em comum.") == 2
        assert bring(store, tmp_path, Role.TRAIN, a=ONE, b=TWO, c=f"{ONE}.") == 0
        notes = {str(note.doc_id): note for note in store.notes.by_role()}
    lineages = {name: note.lineage for name, note in notes.items()}
    assert lineages["a"] == lineages["c"] == notes["a"].id
    assert lineages["b"] == lineages["d"] == notes["b"].id
    assert lineages["e"] == notes["e"].id
    assert [notes[name].role for name in "abcde"] == [Role.TRAIN] * 3 + [Role.VALIDATION] * 2
