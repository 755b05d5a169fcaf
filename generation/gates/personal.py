"""Whether a note holds a number or an address that could be a real person's, though everything in it is to be invented.

Nothing that is found leaves this module: only which kind it is.
"""

import re
import unicodedata

from stdnum.pt import cc, nif

_GAP = r"[\s:=.#()-]*"
_NINE = r"(?P<number>\d{3}([ .-]?)\d{3}\2\d{3})"
_BEGIN, _END = r"(?<![\w.,/+-])", r"(?![\w/]|[.,-]\d)"
"""A number within a longer one, a decimal, a date or a fraction is none."""

HEALTH_NUMBER = "a health-service number"
TAX_NUMBER = "a tax number"
CITIZEN_CARD = "a citizen card number"
PHONE = "a phone number"
EMAIL = "an e-mail address"
KINDS = (EMAIL, HEALTH_NUMBER, TAX_NUMBER, PHONE, CITIZEN_CARD)

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_HEALTH = re.compile(
    rf"\b(?:utente|SNS|RNU|cartão\sde\ssaúde){_GAP}(?:n(?:[.º°o]|r\.?|úmero)*)?{_GAP}{_NINE}{_END}", re.I
)
_TAX_CUE = re.compile(rf"\b(?:NIF|contribuinte|fiscal){_GAP}(?:n(?:[.º°o]|r\.?|úmero)*)?{_GAP}{_NINE}{_END}", re.I)
_NINE_ON_END = re.compile(rf"{_BEGIN}\d{{9}}{_END}")
_CITIZEN = re.compile(rf"{_BEGIN}\d{{8}} ?\d ?[A-Z]{{2}}\d\b")
_PHONE = re.compile(
    r"(?:\+|\b00)351[ .-]?\d{3}[ .-]?\d{3}[ .-]?\d{3}(?!\d)"
    rf"|{_BEGIN}(?:9[1236]\d|2[1-9]\d)\d{{6}}{_END}"
    # Three numbers of three digits may be blood sugars: 9 is never one's first digit there, 2 often is.
    rf"|{_BEGIN}9[1236]\d([ .-])\d{{3}}\1\d{{3}}{_END}|{_BEGIN}9[1236] \d{{3}} \d{{2}} \d{{2}}{_END}"
    rf"|\b(?:tel(?:ef(?:one|\.)?|\.)?|telemóvel|tlm\.?|contacto(?:\stelefónico)?){_GAP}[29]\d([ .-]?\d){{7}}{_END}",
    re.I,
)


def find_personal(text: str) -> str | None:
    """Which of KINDS the text holds, or None; the first that is found of several."""
    text = unicodedata.normalize("NFC", text)
    if "@" in text and _EMAIL.search(text):
        return EMAIL
    if _HEALTH.search(text):
        return HEALTH_NUMBER
    if any(nif.is_valid(match["number"]) for match in _TAX.finditer(text)):
        return TAX_NUMBER
    if _PHONE.search(text):
        return PHONE
    if any(map(nif.is_valid, _NINE_ON_END.findall(text))):
        return TAX_NUMBER
    if any(map(cc.is_valid, _CITIZEN.findall(text))):
        return CITIZEN_CARD
    return None
