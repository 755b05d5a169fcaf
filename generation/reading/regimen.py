"""How far a drug's mention goes: the dose, form, route, frequency and instructions that follow its name.

A grammar of what stands on Portuguese prescriptions and in notes: '20 mg', '1000 UI', 'id', '2id', '3x/dia', '12/12h',
'1+0+1', '1-0-1', 'ao pequeno-almoço', 'em jejum', 'ao deitar', 'em dias alternados', '1 cp', 'sc', 'SOS'. It reads one
piece after another on the line and stops at the first word that is none.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

_NUMBER = r"(?:\d{1,3}(?:\.\d{3})+|\d+)(?:[.,]\d+)?"
_COUNT = rf"(?:{_NUMBER}\s?/\s?{_NUMBER}|{_NUMBER}|[½¼¾⅓]|uma?|dois|duas|tr[êe]s|quatro|meio|meia)"
_AMOUNT = rf"{_COUNT}(?:\s?(?:[/+–-]|\ba\b)\s?{_COUNT})*"
_UNIT = (
    r"(?:(?:comp|cp|c[áa]ps|saq|amp|inal|gts|sup)\.|mg|mcg|[µμu]g|gr?|ml|l|ui|iu|u|unid(?:ades?)?|meq|mmol|%|gotas?|gts?|puffs?|inal(?:a[çc](?:[ãa]o|[õo]es))?"
    r"|jatos?|pulveriza[çc](?:[ãa]o|[õo]es)|nebuliza[çc](?:[ãa]o|[õo]es)|aplica[çc](?:[ãa]o|[õo]es)|comp(?:rimidos?)?|cp[s]?"
    r"|c[áa]ps(?:ulas?)?|saq(?:uetas?)?|amp(?:olas?)?|pensos?|adesivos?|sistemas?|sup(?:osit[óo]rios?)?|medidas?"
    r"|colher(?:es)?|carteiras?|pipetas?|bombadas?|tomas?|doses?|canetas?|seringas?)"
)
_PER = r"(?:24\s?h|dia|d|h(?:oras?)?|semana|sem|m[êe]s|dose|kg|ml|toma|inala[çc][ãa]o|cp)"
_SPAN_OF_TIME = r"(?:h(?:oras?)?|dias?|d|semanas?|sem|m[êe]s(?:es)?)"
_MEAL = (
    r"(?:p\.?a\.?|(?:pequenos?[\s-]|p\.\s?)?almo[çc]os?|lanche|jantar|deitar|dormir|acordar|levantar|manh[ãa]|tarde|noite"
    r"|ceia|refei[çc](?:[ãa]o|[õo]es)(?:\sprincipais)?|jejum|meio[\s-]dia|domingos?|s[áa]bados?|(?:segunda|ter[çc]a|quarta"
    r"|quinta|sexta)s?(?:[\s-]feiras?)?)"
)
_WEEKDAY = r"[2-6]\s?[ªº]s?"
_COMPLAINT = (
    r"(?:necess[áa]rio|necessidade|dor(?:es)?|febre|n[áa]useas?|v[óo]mitos?|ins[óo]nia|ansiedade|dispneia|crises?|c[óo]licas?"
    r"|obstipa[çc][ãa]o|prurido|agita[çc][ãa]o|tosse|diarreia|edemas?|pieira|cefaleias?|tonturas?|azia|SOS"
    r"|(?:TA|PAS|TAS|glic[ée]mia|BM)\s?[<>≥≤]\s?\d+(?:/\d+)?(?:\s?mmHg|\s?mg/dl)?)"
)
_PIECES = (
    # a dose, or a count of what it comes in, with what it is per
    rf"{_AMOUNT}\s?{_UNIT}(?:\s?[/+]\s?{_AMOUNT}\s?{_UNIT})*(?:\s?/\s?{_PER})?",
    # how often
    rf"(?:at[ée]\s)?(?:{_AMOUNT}\s?)?(?:ids?|bid|tid|qid|qd|od)",
    rf"(?:at[ée]\s)?{_AMOUNT}\s?(?:x|vez(?:es)?)(?:\s?(?:/|por|ao|à|p/)?\s?(?:dia|d|semana|sem|m[êe]s|ano))?",
    rf"(?:at[ée]\s|de\s|(?:a\s)?cada\s)?\d+\s?[/-]\s?\d+\s?{_SPAN_OF_TIME}",
    rf"de\s\d+\sem\s\d+\s?{_SPAN_OF_TIME}|(?:no\s)?m[áa]x(?:imo|\.)?\s(?:de\s)?\d+\s?/\s?(?:\d+\s?h|dia|d)|\d+\sdias\spor\s(?:ciclo|semana|m[êe]s)",
    rf"(?:a\s)?cada\s\d+\s?{_SPAN_OF_TIME}|q\s?\d+\s?h",
    rf"(?:{_COUNT}\s)?(?:por|ao|/|à)\s?(?:dia|semana|m[êe]s)|dia",
    r"di[áa]ri[oa]s?|diariamente|semanal(?:mente)?|quinzenal(?:mente)?|mensal(?:mente)?|trimestral|semestral|anual",
    r"(?:em\s)?dias\salternados|todos\sos\sdias|dia\ssim,?\sdia\sn[ãa]o|cont[íi]nuo",
    r"\d{1,2}(?:[.,/]\d)?(?:\s?\+\s?(?:½|\d{1,2}(?:[.,/]\d)?)){1,3}|(?:½|\d{1,2}(?:[.,/]\d)?)(?:\s?[–-]\s?(?:½|\d{1,2}(?:[.,/]\d)?)){2,3}",
    # when
    rf"(?:{_COUNT}\s)?(?:(?:ao|aos|à|às|a|de|da|do|pela|em|na|no|antes\sd[aeo]s?|depois\sd[aeo]s?|ap[óo]s(?:\s[ao]s?)?|com\s[ao]s?)\s)?{_MEAL}",
    r"[àa]s\s\d{1,2}(?:[:h]\d{2})?\s?h?(?:oras)?",
    rf"(?:[àa]s?\s|de\s)?{_WEEKDAY}(?:(?:\s?,\s?|\s?e\s|\s?a\s|/){_WEEKDAY})*(?:[\s-]?feiras?)?",
    # by which way, in which form
    r"(?:via\s|v\.\s?)?(?:p\.?o\.?|per\sos|v\.?o\.?|oral|e\.?v\.?|i\.?v\.?|i\.?m\.?|s\.?c\.?|s\.?l\.?|inal(?:ad[oa]|at[óo]ri[oa])?"
    r"|inh|nasal|t[óo]pic[oa]|transd[ée]rmic[oa]|re(?:c)?tal|vaginal|oft[áa]lmic[oa]|subcut[âa]ne[oa]|sublingual"
    r"|intramuscular|endovenos[oa])",
    r"cp|comp(?:rimidos?)?|c[áa]ps(?:ulas?)?|supos(?:it[óo]rio)?|lp|lm|xr|sr|er|cr|mr|retard|gotas|xarope|col[íi]rio|efervescente|mastig[áa]vel"
    r"|orodispers[íi]vel|em\scada\snarina|ode|oe|turbohaler|spiromax|diskus|ellipta|respimat|handihaler|breezhaler"
    r"|inala[çc](?:[ãa]o|[õo]es)|inalador",
    # as needed, or by what it goes
    rf"(?:em\s)?s\.?o\.?s\.?|prn|(?:em\s)?(?:quando|se|caso|conforme|para)\s(?:[ao]s?\s)?{_COMPLAINT}(?:(?:\sou\s|\se\s|\s?/\s?){_COMPLAINT})*",
    r"(?:segundo|conforme|consoante)\s(?:o\s|a\s)?(?:INR|glic[ée]mias?(?:\scapilar(?:es)?)?|esquema|tabela|BM)",
    r"nas\scrises(?:\sde\s\w+)?|(?:em|nos)\sdias\s(?:de|sem)\s(?:hemo)?di[áa]lise|nas\ssess[õo]es\sde\s(?:hemo)?di[áa]lise"
    r"|no\sHospital\sde\sDia|alvo\s(?:de\s)?INR\s\d(?:[.,]\d)?(?:\s?-\s?\d(?:[.,]\d)?)?",
)
_PIECE = re.compile(rf"(?:{'|'.join(f'(?:{piece})' for piece in _PIECES)})(?!\w)", re.IGNORECASE)
_BARE_NUMBER = re.compile(rf"[ \t]{_NUMBER}(?:/{_NUMBER})?(?![.,]?\d)")
_ITEM_ENDS = re.compile(r"[ \t]*(?:\Z|[\r\n,;.)]|e\b)")
_BETWEEN = re.compile(r"[ \t]*(?:[,;:+–-]|/|(?:e|ou|mais)\b)?[ \t]*", re.IGNORECASE)
_BRAND = re.compile(r"[ \t]*(?:\([ \t]*[A-Z][\w®+-]*(?:[ \t][A-Z][\w®+-]*){0,2}[ \t]*\)|\[[A-Z][\w® +-]*\])")
_OPENING = re.compile(r"[ \t]*[(]")
_LINE_END = re.compile(r"[\r\n]")
_DOSE = re.compile(rf"\d\s?{_UNIT}(?!\w)", re.IGNORECASE)


def mention_end(text: str, name_end: int, known: Sequence[str] = ()) -> int:
    """Where the mention ends whose drug name ends at `name_end` (both exclusive); the name's end if nothing follows.

    `known` are phrases that count as pieces too: a brief's own dose and schedule. The end is on the name's line and
    after no punctuation but a closing bracket that belongs to the mention.
    """
    line_end = _LINE_END.search(text, name_end)
    text = text[: line_end.start()] if line_end else text
    end = name_end
    if brand := _BRAND.match(text, end):
        end = brand.end()
    pieces = [*(_known_piece(phrase) for phrase in known if phrase), _PIECE]
    last = _read_pieces(text, end, pieces)
    if last == end and (number := _BARE_NUMBER.match(text, end)):
        # "Levotiroxina 75" and no more, or "Epoetina 3000 15/15 dias"; not "Carvedilol 2 dias antes"
        last = _read_pieces(text, number.end(), pieces)
        return last if last > number.end() or _ITEM_ENDS.match(text, last) else end
    return last - 1 if text[last - 1] == "." else last


@lru_cache(maxsize=4096)
def _known_piece(phrase: str) -> re.Pattern[str]:
    return re.compile(rf"{re.escape(phrase)}(?!\w)", re.IGNORECASE)


def has_dose(text: str) -> bool:
    """Whether a number with a unit of dose stands in the text."""
    return _DOSE.search(text) is not None


def _read_pieces(text: str, end: int, pieces: Sequence[re.Pattern[str]]) -> int:
    while True:
        between = _BETWEEN.match(text, end)
        begin = between.end() if between else end
        if begin > end and (longest := _longest(text, begin, pieces)):
            end = longest
        elif closing := _bracketed(text, end, pieces):
            end = closing
        else:
            return end


def _bracketed(text: str, end: int, pieces: Sequence[re.Pattern[str]]) -> int | None:
    """The end of a bracket that holds pieces and nothing else, such as '(se necessário)'."""
    opening = _OPENING.match(text, end)
    first = opening and _longest(text, opening.end(), pieces)
    if not first:
        return None
    last = _read_pieces(text, first, pieces)
    return last + 1 if text[last : last + 1] == ")" else None


def _longest(text: str, begin: int, pieces: Sequence[re.Pattern[str]]) -> int | None:
    return max((match.end() for piece in pieces if (match := piece.match(text, begin))), default=None)
