"""Every knob of ernotes.toml, its unit and its default; those of training stand in `corpus.config.training`."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from corpus.config.knobs import Count, Knobs, Positive, Price, Share, Weight
from corpus.config.strategy import Strategy
from corpus.config.training import TrainingConfig

Language = Literal["en", "pt"]


def _named_hosts(value: Any) -> Any:
    """The hosts; `false`, as earlier versions wrote it, is none, and their `true` names nobody."""
    if value is True:
        raise ValueError('name the hosts that may see patients\' words: ["llm.example"]')
    if value is False:
        return ()
    return [host.lower() if isinstance(host, str) else host for host in value] if isinstance(value, list) else value


Hosts = Annotated[tuple[str, ...], BeforeValidator(_named_hosts)]


class StoreConfig(Knobs):
    """Where notes are kept."""

    url: str = ""
    """SQLAlchemy URL; empty means ernotes.db in the workspace."""


class EndpointConfig(Knobs):
    """The LLM that writes notes: any OpenAI-compatible server, or the embedded offline one."""

    kind: Literal["openai", "embedded"] = "openai"
    base_url: str = "http://127.0.0.1:8000/v1"
    model: str = "meta-llama/Llama-3.3-70B-Instruct"
    api_key_env: str = "OPENAI_API_KEY"
    """Name of the environment variable that holds the key; servers without keys ignore it."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.9
    top_p: Share = 0.95
    max_tokens: Count = 2048
    """Longest answer, in the LLM's tokens."""
    concurrency: Count = 8
    """Requests under way at once."""
    timeout_seconds: Positive = 120.0
    """Longest wait for one whole try of a request."""
    max_attempts: Count = 5
    """Tries of one request on 429, 5xx, resets and time-outs before it counts as failed."""
    backoff_seconds: Positive = 1.0
    """First wait between tries; it doubles each time, with jitter, unless Retry-After says more."""
    error_window: Count = 20
    """Requests looked back on to see whether the endpoint fails too often."""
    max_error_share: Annotated[float, Field(gt=0, le=1)] = 0.25
    """The run stops once this share of error_window requests failed for good; what arrived by then is kept."""
    input_price_per_million: Price = 0.0
    """What a million tokens of prompts cost, in the currency of the bill; 0 where nothing is paid or known."""
    output_price_per_million: Price = 0.0
    """The same for tokens of answers."""
    allow_patient_text: Hosts = ()
    """Hosts other than this machine and .local names that text of notes marked `patient` may go to: ["llm.example"]."""

    @property
    def is_embedded(self) -> bool:
        """Whether it is the embedded endpoint, which writes by rule: what comes from it is no LLM's work."""
        return self.kind == "embedded"


class GenerationConfig(Knobs):
    """What is asked of the LLM."""

    exemplars_per_prompt: Annotated[int, Field(ge=0, le=8)] = 1
    max_samples_per_brief: Count = 3
    """Notes asked for before a brief is given up; one that strays from its brief is first asked to be put right."""
    budget: Price = 0.0
    """What the notes of one batch may cost at most, in the currency of the prices; 0: no limit."""
    allow_test_exemplars: bool = False
    """Whether test notes may serve as exemplars too; every score on the test notes then says so."""
    seed: int = 13
    specialties: dict[str, Weight] = Field(default={})
    """How many notes a specialty gets beside the others: { "Cardiologia" = 2, "Nefrologia" = 0 }; left out: 1."""
    allergies: dict[str, Weight] = Field(default={})
    """The same for what notes say of allergies: "afirmada", "negada" and "não mencionada"."""


class AnnotatorConfig(Knobs):
    """The LLM as annotator (`preannotate --with llm`); what is not said here is as in [endpoint]."""

    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    max_samples_per_note: Count = 2
    """Answers asked for before a note is given up because none could be read."""


class LabelStudioConfig(Knobs):
    """Where people correct."""

    kind: Literal["own", "remote"] = "remote"
    """`own`: a server of the workspace on this machine, started when needed; `remote`: one that runs already."""
    url: str = "http://127.0.0.1:8080"
    api_key_env: str = "LABEL_STUDIO_API_KEY"
    """Name of the environment variable that holds the token (for `own`, a file of the workspace does)."""
    executable: str = ""
    """The label-studio program for `own`; empty means: look beside this environment, then on the PATH."""
    project: Annotated[str, Field(min_length=3, max_length=50)] = "ernotes"
    timeout_seconds: Positive = 60.0
    doubtful_below: Share = 0.5
    """Mentions of less confidence are marked on the page when they are pushed or pre-annotated live; 0 marks none."""
    allow_patient_text: Hosts = ()
    """Hosts other than this machine that text of notes marked `patient` may go to: ["labels.example"]."""


class LiveConfig(Knobs):
    """The live pre-annotation backend that `ernotes serve` runs."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 9090
    url: str = ""
    """Where Label Studio reaches it, for `serve --connect`; empty: http://HOST:PORT, which is right on one machine."""
    token_env: str = "ERNOTES_LIVE_TOKEN"
    """Name of the environment variable that holds the token, which Label Studio sends as a password."""


class SelectionConfig(Knobs):
    """Which notes of the pool are corrected next."""

    strategy: Strategy = Strategy.DIVERSE
    """diverse, random, least-confidence, total-entropy, top-entropy, disagreement or k-centre (benchmarks/LOG.md)."""
    budget: Positive = 30
    """How much may be chosen at once, in `unit`."""
    unit: Literal["notes", "tokens", "seconds"] = "notes"
    """`tokens` are the words to read, `seconds` what correcting will probably take."""
    audit_share: Share = 0.1
    """Share of the budget that is drawn by chance, as a look at what the recogniser does not doubt."""
    rare_label_weight: Annotated[float, Field(ge=1, allow_inf_nan=False)] = 2.0
    """How much a doubtful allergy, affirmed or denied, counts beside another doubtful mention."""
    top_tokens: Annotated[int, Field(ge=1, le=10)] = 5
    """Tokens of a note that `top-entropy` looks at."""
    committee: Annotated[int, Field(ge=2)] = 3
    """Recognisers that `disagreement` compares; all but the current one are trained for it."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.unit != "seconds" and self.budget != int(self.budget):
            raise ValueError(f"budget is not a whole number of {self.unit}")
        if self.strategy is not Strategy.RANDOM and self.audit_share == 1:
            raise ValueError(f'audit_share 1 leaves nothing to choose by {self.strategy}; set strategy to "random"')
        return self


class LoopConfig(Knobs):
    """One round after another."""

    notes_per_round: Count = 40
    poll_seconds: Positive = 10.0
    """How often the loop asks whether the annotator has finished."""
    like_errors: bool = True
    """Whether a round asks for the notes that the model got wrong in validation; otherwise they are spread evenly."""
    judge_by: Literal["auto", "validation", "cross-validation"] = "auto"
    """What a round's model and the current one are compared on. `auto`: the validation notes or, where these hold too
    few mentions, the training notes of both by cross-validation. That is for two crfs of one recipe; it takes ten
    trainings. Other models are compared on the validation notes."""
    judge_mentions: Count = 100
    """Gold mentions from which the validation notes are enough for `auto`."""


class StoppingConfig(Knobs):
    """When a round says that you may stop. It only says so: a loop runs as many rounds as it was asked for."""

    kappa: Share = 0.99
    """Agreement of one model with the next, Cohen's kappa over tokens, from which predictions count as stable."""
    stable_rounds: Count = 3
    """So many times running."""
    more_notes: Count = 50
    """The notes whose likely gain is worked out."""
    gain: Share = 0.01
    """The gain in exact micro F1 that is not worth so many notes: the upper end of its 80 % interval must be less."""
    least_notes: Count = 10
    """With fewer notes to compare or to score models on, nothing is said."""


class ReportConfig(Knobs):
    """The page that says what a round came to."""

    language: Language = "en"
    """`en`, or `pt` for European Portuguese; `report --lang` has the last word."""


class Config(Knobs):
    """The whole of ernotes.toml."""

    store: StoreConfig = StoreConfig()
    endpoint: EndpointConfig = EndpointConfig()
    generation: GenerationConfig = GenerationConfig()
    annotator: AnnotatorConfig = AnnotatorConfig()
    training: TrainingConfig = TrainingConfig()
    label_studio: LabelStudioConfig = LabelStudioConfig()
    live: LiveConfig = LiveConfig()
    selection: SelectionConfig = SelectionConfig()
    loop: LoopConfig = LoopConfig()
    stopping: StoppingConfig = StoppingConfig()
    report: ReportConfig = ReportConfig()

    @model_validator(mode="after")
    def _judge_can_cross_validate(self) -> Self:
        if self.loop.judge_by == "cross-validation" and self.training.base != "crf":
            raise ValueError('loop.judge_by "cross-validation" is for training.base "crf" alone')
        return self

    @model_validator(mode="after")
    def _budget_has_prices(self) -> Self:
        endpoint = self.endpoint
        if self.generation.budget and not (endpoint.input_price_per_million or endpoint.output_price_per_million):
            raise ValueError("generation.budget needs a price: set endpoint.input_price_per_million or its sibling")
        return self
