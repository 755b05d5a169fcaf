"""The commands, as a user runs them: what they print, what they leave behind, how they say no."""

import json
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

from filelock import FileLock

from corpus.note import Role
from corpus.workspace import open_workspace
from tests.ernotes.conftest import Ran, Run

TEXT = "Doente de 70 anos.\r\n# HTA\r\n- Ramipril 5 mg id\r\nSem alergias medicamentosas.\r\nInternado por pneumonia."
NOTE: dict[str, Any] = {
    "doc_id": 1,
    "text": TEXT,
    "annotations": [
        {"begin": 29, "end": 45, "label": "Medicação Habitual"},
        {"begin": 51, "end": 74, "label": "Alergias medicamentosas", "Polaridade": "Negativa"},
        {"begin": 91, "end": 100, "label": "Diagnóstico"},
    ],
}


def write(path: Path, *notes: object) -> Path:
    path.write_text(json.dumps(notes, ensure_ascii=False), "utf-8")
    return path


def test_the_examples_of_this_file_are_annotated_right() -> None:
    slices = [TEXT[item["begin"] : item["end"]] for item in NOTE["annotations"]]
    assert slices == ["Ramipril 5 mg id", "alergias medicamentosas", "pneumonia"]


def test_help_says_of_each_command_a_whole_sentence(ernotes: Run) -> None:
    listed = ernotes("--help").out.partition("Commands:\n")[2]
    assert "Take the notes of FILE in; the same file again changes nothing." in " ".join(listed.split())
    assert "..." not in listed


def test_help_and_status_load_nothing_heavy(offline: Path) -> None:
    heavy = {"torch", "transformers", "datasets", "openai", "label_studio_sdk", "fastapi", "numpy"}
    for arguments, barred in (
        (["--help"], {*heavy, "pydantic", "sqlalchemy"}),
        (["-w", str(offline), "status"], heavy),
    ):
        code = (
            "import sys; sys.argv = ['ernotes', *sys.argv[1:]]\n"
            "from ernotes.cli import main\n"
            "try: main()\n"
            "except SystemExit: pass\n"
            f"print(sorted({barred} & set(sys.modules)), file=sys.stderr)"
        )
        done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
        assert done.stderr.strip() == "[]"


def test_training_and_predicting_with_crf_never_load_torch(offline: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from ernotes.cli import ernotes\n"
        "for line in sys.argv[2:]:\n"
        "    ernotes(['-w', sys.argv[1], *line.split()], standalone_mode=False)\n"
        "print('torch' in sys.modules, file=sys.stderr)"
    )
    source = write(tmp_path / "notes.json", NOTE)
    done = subprocess.run(
        [sys.executable, "-c", code, offline, "train", "evaluate", f"predict {source} -o {tmp_path / 'out.json'}"],
        capture_output=True,
        text=True,
    )
    assert done.stderr.splitlines()[-1] == "False"


def test_init_offline_brings_the_fictional_notes_says_so_and_can_be_run_again(tmp_path: Path, ernotes: Run) -> None:
    first = ernotes("-w", tmp_path / "w", "init", "--offline")
    again = ernotes("-w", tmp_path / "w", "init", "--offline")
    assert "16 fictional notes came in" in first.out
    assert "is an offline workspace already" in again.out
    assert stat.S_IMODE((tmp_path / "w").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "w" / "ernotes.db").stat().st_mode) & 0o077 == 0


def test_what_is_imported_is_exported_to_the_letter_and_imported_once(tmp_path: Path, ernotes: Run) -> None:
    ernotes("-w", tmp_path / "w", "init")
    odd = {"begin": 3, "end": 4, "label": None}
    source = write(tmp_path / "in.json", {**NOTE, "annotations": [*NOTE["annotations"], odd]})
    first = ernotes("-w", tmp_path / "w", "import", source, "--role", "train", "--json")
    again = ernotes("-w", tmp_path / "w", "import", source, "--role", "train", "--json")
    assert (first.document["new"], again.document["new"], again.document["known"]) == (1, 0, 1)
    assert first.document["set_aside"] == {"no label": 1}
    assert "note 1: annotation 3 set aside: no label" in first.err
    assert ernotes("-w", tmp_path / "w", "export", tmp_path / "out.json", "--role", "train").status == 0
    assert json.loads((tmp_path / "out.json").read_bytes()) == json.loads(source.read_bytes())


def test_a_role_that_is_left_out_is_asked_for(offline: Path, tmp_path: Path, ernotes: Run) -> None:
    for command in (("import", write(tmp_path / "in.json", NOTE)), ("export", tmp_path / "out.json")):
        ran = ernotes("-w", offline, *command)
        assert (ran.status, "Missing option '--role'" in ran.err) == (2, True)
    assert not (tmp_path / "out.json").exists()


def test_strict_refuses_a_file_with_an_odd_annotation_whole(tmp_path: Path, ernotes: Run) -> None:
    ernotes("-w", tmp_path / "w", "init")
    source = write(tmp_path / "in.json", NOTE, {"doc_id": 2, "text": "x", "annotations": [{"begin": 0, "end": 1}]})
    ran = ernotes("-w", tmp_path / "w", "import", source, "--role", "train", "--strict")
    assert ran.status == 1
    assert ernotes("-w", tmp_path / "w", "status", "--json").document["notes"]["train"]["notes"] == 0


def test_an_imported_note_is_a_patients_unless_said_otherwise(tmp_path: Path, ernotes: Run) -> None:
    ernotes("-w", tmp_path / "w", "init")
    ernotes("-w", tmp_path / "w", "import", write(tmp_path / "a.json", NOTE), "--role", "train")
    assert ernotes("-w", tmp_path / "w", "status", "--json").document["notes"]["train"]["fictional"] == 0


def test_a_workspace_trains_scores_reports_and_counts_its_looks(offline: Path, tmp_path: Path, ernotes: Run) -> None:
    trained = ernotes("-w", offline, "train", "--json").document
    assert ernotes("-w", offline, "train", "--json").document["model"] == trained["model"]
    assert ernotes("-w", offline, "train", "--seed", "7", "--json").document["model"] != trained["model"]
    scored = ernotes("-w", offline, "evaluate", "--json").document
    assert {"exact", "relaxed", "relaxed_iou", "diagnosis", "fictional", "looks"} <= scored.keys()
    assert (scored["relaxed_iou"], scored["diagnosis"], scored["fictional"], scored["looks"]) == (0.5, "top1", True, 1)
    assert "fictional" in ernotes("-w", offline, "evaluate").out
    report = Path(ernotes("-w", offline, "report", "--json").document["report"])
    assert "fictional" in report.read_text("utf-8")
    status = ernotes("-w", offline, "status", "--json").document
    assert (status["test_looks"], status["models"]) == (2, 2)
    assert trained["model"] in ernotes("-w", offline, "promote", trained["model"]).out
    listed = ernotes("-w", offline, "models", "--json").document
    assert [(model["version"] == trained["model"], model["current"]) for model in listed["models"]] == [
        (True, True),
        (False, False),
    ]


def test_predict_and_score_need_no_workspace(offline: Path, tmp_path: Path, ernotes: Run) -> None:
    version = ernotes("-w", offline, "train", "--json").document["model"]
    source, found = write(tmp_path / "in.json", NOTE), tmp_path / "out.json"
    elsewhere = tmp_path / "elsewhere"
    assert ernotes("-w", elsewhere, "predict", source, "-o", found, "--model", offline / "models" / version).status == 0
    (note,) = json.loads(found.read_text("utf-8"))
    assert (note["doc_id"], note["text"]) == (1, TEXT)
    assert all(0 <= item["confidence"] <= 1 for item in note["annotations"])
    document = ernotes("score", source, source, "--json").document
    assert document["exact"]["micro"]["f1"] == 1
    assert document["exact"]["per_label"]["Diagnóstico"] == {
        "precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 1, "tp": 1, "fp": 0, "fn": 0, "confidence": None,
    }  # fmt: skip


def test_erase_removes_a_note_and_names_the_models_trained_on_it(offline: Path, tmp_path: Path, ernotes: Run) -> None:
    ernotes("-w", offline, "import", write(tmp_path / "in.json", NOTE), "--role", "train")
    version = ernotes("-w", offline, "train", "--json").document["model"]
    with open_workspace(offline, write=False) as workspace:
        (note_id,) = workspace.store.notes.ids(Role.TRAIN)
    assert ernotes("-w", offline, "erase", note_id, "--json").document["models"] == [version]
    assert "Ramipril 5 mg" not in (offline / "ernotes.db").read_bytes().decode("latin-1")
    assert ernotes("-w", offline, "erase", note_id).status == 1


def test_a_note_is_erased_by_its_doc_id_too_unless_two_have_it(offline: Path, tmp_path: Path, ernotes: Run) -> None:
    other = {**NOTE, "text": "Outra nota.", "annotations": []}
    for name, note in (("a.json", NOTE), ("b.json", other)):
        ernotes("-w", offline, "import", write(tmp_path / name, note), "--role", "train")
    one_line(ernotes("-w", offline, "erase", "1"), 1, "2 notes have the doc_id", "a.json", "b.json")
    assert ernotes("-w", offline, "erase", "fict-ortopedia-teste").status == 0
    assert ernotes("-w", offline, "status", "--json").document["notes"]["test"]["notes"] == 7


def test_fictional_notes_do_not_come_into_a_workspace_that_is_not_offline(tmp_path: Path, ernotes: Run) -> None:
    ernotes("-w", tmp_path / "w", "init")
    one_line(ernotes("-w", tmp_path / "w", "init", "--offline"), 1, "not an offline one")
    one_line(ernotes("-w", tmp_path / "w", "label-studio"), 1, "another server")
    assert "is a workspace already" in ernotes("-w", tmp_path / "w", "init").out


def test_a_note_without_the_key_annotations_is_not_annotated(tmp_path: Path, ernotes: Run) -> None:
    ernotes("-w", tmp_path / "w", "init")
    bare = {"doc_id": 2, "text": "Ninguém a viu."}
    ernotes("-w", tmp_path / "w", "import", write(tmp_path / "in.json", NOTE, bare), "--role", "train")
    assert ernotes("-w", tmp_path / "w", "status", "--json").document["notes"]["train"] == {
        "notes": 2, "fictional": 0, "annotated": 1,
    }  # fmt: skip


def test_gold_notes_without_a_prediction_count_as_found_nothing_and_are_counted(tmp_path: Path, ernotes: Run) -> None:
    gold = write(tmp_path / "gold.json", NOTE, {**NOTE, "doc_id": 2})
    ran = ernotes("score", gold, write(tmp_path / "found.json", NOTE), "--json")
    assert (ran.document["exact"]["micro"]["recall"], ran.document["notes_without_prediction"]) == (0.5, 1)


def one_line(ran: Ran, status: int, *words: str) -> None:
    """The command failed with this status and one clear line: no traceback, nothing on standard output."""
    assert ran.status == status, ran
    assert "Traceback" not in ran.err
    assert ran.out == ""
    line = ran.last_line
    for word in words:
        assert word in line, line


def test_bad_input_gets_one_clear_line(offline: Path, tmp_path: Path, ernotes: Run) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{not json")
    listless = tmp_path / "listless.json"
    listless.write_text("{}")
    good = write(tmp_path / "good.json", NOTE)
    other = write(tmp_path / "other.json", {**NOTE, "doc_id": "x"})
    w = ("-w", offline)
    one_line(ernotes(*w, "import", tmp_path / "none.json", "--role", "train"), 1, "none.json")
    one_line(ernotes(*w, "import", broken, "--role", "train"), 1, "broken.json", "JSON")
    one_line(ernotes(*w, "import", listless, "--role", "train"), 1, "no notes file")
    one_line(ernotes(*w, "import", good, "--role", "tester"), 2, "tester")
    one_line(ernotes(*w, "frobnicate"), 2, "frobnicate")
    one_line(ernotes(*w, "train", "--base", "no/such-model"), 1, "no/such-model")
    one_line(ernotes(*w, "train", "--base", tmp_path / "nowhere"), 1, "nowhere")
    one_line(ernotes(*w, "evaluate"), 1, "ernotes train")
    one_line(ernotes(*w, "evaluate", "--model", "crf-0"), 1, "crf-0")
    one_line(ernotes(*w, "evaluate", "--role", "validation"), 1, "ernotes train")
    one_line(ernotes(*w, "predict", good, "-o", tmp_path / "p.json"), 1, "ernotes train")
    one_line(ernotes("predict", good, "-o", tmp_path / "p.json", "--model", tmp_path), 1, "ernotes-model.json")
    one_line(ernotes("score", good, other), 1, "'x'")
    one_line(ernotes(*w, "erase", "0123"), 1, "0123")
    one_line(ernotes(*w, "promote", "crf-0"), 1, "'crf-0'", "ernotes models")
    one_line(ernotes(*w, "select", "--budget", "2.5"), 1, "whole number of notes")
    empty = write(tmp_path / "empty.json")
    one_line(ernotes(*w, "import", empty, "--role", "train"), 1, "holds no notes")
    one_line(ernotes("score", empty, empty), 1, "holds no notes")
    one_line(ernotes(*w, "predict", good, "-o", tmp_path / "none" / "p.json"), 1, "its folder does not exist")
    one_line(ernotes("-w", tmp_path / "empty", "status"), 1, "init")
    assert not (tmp_path / "p.json").exists()


def test_an_unknown_key_or_a_contradiction_in_the_configuration_is_named(offline: Path, ernotes: Run) -> None:
    config = offline / "ernotes.toml"
    good = config.read_text("utf-8")
    config.write_text(good.replace("concurrency", "concurency"), "utf-8")
    one_line(ernotes("-w", offline, "status"), 1, "endpoint.concurency", "unknown key")
    config.write_text(good.replace("overlap_tokens = 128", "overlap_tokens = 600"), "utf-8")
    one_line(ernotes("-w", offline, "status"), 1, "training.windows", "overlap_tokens must be smaller")
    config.write_text("[endpoint", "utf-8")
    one_line(ernotes("-w", offline, "status"), 1, "not TOML")


def test_a_second_writing_command_is_refused_and_a_reading_one_is_not(offline: Path, ernotes: Run) -> None:
    with FileLock(offline / "ernotes.lock"):
        one_line(ernotes("-w", offline, "train"), 1, "another command is writing")
        assert ernotes("-w", offline, "status").status == 0


def test_an_endpoint_that_is_down_is_named(tmp_path: Path, ernotes: Run) -> None:
    ernotes("-w", tmp_path / "w", "init")
    config = tmp_path / "w" / "ernotes.toml"
    config.write_text(config.read_text("utf-8").replace("127.0.0.1:8000", "127.0.0.1:9"), "utf-8")
    one_line(ernotes("-w", tmp_path / "w", "generate", "--notes", "2"), 1, "nothing answers at http://127.0.0.1:9/v1")


def test_a_port_in_use_is_named(offline: Path, ernotes: Run) -> None:
    ernotes("-w", offline, "train")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        config = offline / "ernotes.toml"
        config.write_text(config.read_text("utf-8").replace("127.0.0.1:8080", f"127.0.0.1:{port}"), "utf-8")
        one_line(ernotes("offline-endpoint", "--port", port), 1, port)
        one_line(ernotes("-w", offline, "serve", "--port", port, ERNOTES_LIVE_TOKEN="s3cret"), 1, port)
        one_line(ernotes("-w", offline, "label-studio"), 1, port)


def test_a_label_studio_that_is_down_or_has_no_token_is_named(tmp_path: Path, ernotes: Run) -> None:
    ernotes("-w", tmp_path / "w", "init")
    config = tmp_path / "w" / "ernotes.toml"
    config.write_text(config.read_text("utf-8").replace("127.0.0.1:8080", "127.0.0.1:9"), "utf-8")
    one_line(ernotes("-w", tmp_path / "w", "push", LABEL_STUDIO_API_KEY=""), 1, "LABEL_STUDIO_API_KEY")
    down = ernotes("-w", tmp_path / "w", "pull", LABEL_STUDIO_API_KEY="0" * 40)
    one_line(down, 1, "http://127.0.0.1:9")


def test_serve_without_a_token_is_refused(offline: Path, ernotes: Run) -> None:
    one_line(ernotes("-w", offline, "serve", ERNOTES_LIVE_TOKEN=""), 1, "ERNOTES_LIVE_TOKEN")


def test_an_output_that_cannot_be_written_is_named(offline: Path, tmp_path: Path, ernotes: Run) -> None:
    (tmp_path / "file").touch()
    one_line(ernotes("-w", offline, "export", tmp_path / "file" / "out.json", "--role", "test"), 1, "out.json")
    one_line(ernotes("-w", offline, "export", tmp_path, "--role", "test"), 1, str(tmp_path))
