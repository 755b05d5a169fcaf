"""What is said of the physicians' review: notes sent, ratings fetched, and what they tell."""

from collections.abc import Mapping
from pathlib import Path

from annotation.review.questionnaire import SCALE
from annotation.review.ratings import QuestionReview, Review, Summary
from corpus.store.ratings import Writer
from ernotes.desk.review import ReviewPulled, ReviewPushed

_NAMES: Mapping[Writer, str] = {Writer.GENERATED: "generated", Writer.PHYSICIAN: "physician-written"}


def tell_review_pushed(pushed: ReviewPushed, _folder: Path) -> str:
    """What was sent, what is there now, and what there was too little of."""
    sampled = pushed.sampled
    lines = [
        f"{pushed.created} notes pushed to the project {pushed.title!r}; of all there {sampled[Writer.GENERATED]} are "
        f"generated and {sampled[Writer.PHYSICIAN]} written by physicians",
        f"  open it at {pushed.project}",
    ]
    lines += [
        f"  {count} more notes ({writer}) were asked for than there are"
        for writer, count in pushed.missing.items()
        if count
    ]
    if pushed.unfit:
        lines.append(f"  {pushed.unfit} notes were no candidates: they hold what Label Studio cannot keep")
    if pushed.offline:
        lines.append(f"  {pushed.offline} of them were written by rule (the embedded endpoint), not by an LLM")
    return "\n".join(lines)


def tell_review_pulled(pulled: ReviewPulled, _folder: Path) -> str:
    """What came back, what was set aside, and what all ratings tell."""
    lines = [f"{pulled.new} ratings new or changed, {pulled.withdrawn} withdrawn, {pulled.skipped} notes skipped"]
    lines += [f"  set aside: {count}: {reason}" for reason, count in pulled.set_aside.items()]
    return "\n".join([*lines, "", format_review(pulled.review)])


def format_review(review: Review) -> str:
    """The review as tables of plain text, one a question."""
    if not review.reviewers:
        return "no note of the review has been rated yet"
    rated = ", ".join(f"{review.rated[writer]} of {review.sampled[writer]} {_NAMES[writer]}" for writer in Writer)
    who = ", ".join(f"{name}: {count}" for name, count in review.reviewers.items())
    return "\n\n".join([f"notes rated: {rated} ({who})", *(_table(item) for item in review.questions)])


def _table(review: QuestionReview) -> str:
    rows = [(_NAMES[Writer.GENERATED], review.generated)]
    rows += [(f"  {name or '(no specialty)'}", summary) for name, summary in review.specialties.items()]
    rows.append((_NAMES[Writer.PHYSICIAN], review.physician))
    width = max(len(name) for name, _ in rows)
    heading = "".join(f"{value:>5}" for value in SCALE)
    lines = [f"{review.question.question} ({review.question.id})", f"{'':{width}}{heading}   mean  median"]
    lines += [_row(name, width, summary) for name, summary in rows]
    lines.append(f"generated - physician-written: {review.difference}")
    lines.append(f"alpha (ordinal, {review.shared} notes by two people or more): {review.alpha}")
    lines += [
        f"with {name}: Spearman {found.rho:+.2f} (p {found.p:.3f}, {found.notes} notes)"
        for name, found in review.gates.items()
    ]
    return "\n".join(line.rstrip() for line in lines)


def _row(name: str, width: int, summary: Summary) -> str:
    counts = "".join(f"{count:>5}" for count in summary.counts)
    if summary.mean is None or summary.median is None:
        return f"{name:{width}}{counts}      -       -"
    return f"{name:{width}}{counts}   {summary.mean:4.2f}  {summary.median:6g}"
