"""Whether a note holds a number or an address that could be a real person's, though everything in it is to be invented.

Only the kind of what was found leaves this module, never the number. Check digits: python-stdnum.
"""

import re
import unicodedata

from stdnum.pt import cc, nif

EMAIL = "holds an e-mail address"
HEALTH_NUMBER = "holds a health-service number"
TAX_NUMBER = "holds a valid tax number"
PHONE = "holds a phone number"
CITIZEN_CARD = "holds a valid citizen card number"
KINDS = (EMAIL, HEALTH_NUMBER, TAX_NUMBER, PHONE, CITIZEN_CARD)

# No part of a longer number, a decimal, a date or a fraction.
_BEGIN, _END = r"(?<![\w.,/+-])", r"(?![\w/]|[.,-]\d)"
_BETWEEN = r"[\s:=.#()-]*(?:n(?:[.º°o]{1,2}|r\.?|úmero)[\s:=.#()-]*)?"
_NINE = rf"(?P<number>\d{{3}}(?P<gap>[ .-]?)\d{{3}}(?P=gap)\d{{3}}){_END}"

_NINE_DIGITS_APART = re.compile(r"\d(?:[ .-]?\d){8}")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_HEALTH = re.compile(rf"\b(?:utente|SNS|RNU){_BETWEEN}{_NINE}", re.IGNORECASE)
_TAX = re.compile(rf"\b(?:NIF|contribuinte|fiscal){_BETWEEN}{_NINE}", re.IGNORECASE)
_NINE_DIGITS = re.compile(rf"{_BEGIN}\d{{9}}{_END}")
_CITIZEN = re.compile(rf"{_BEGIN}\d{{8}} ?\d ?[A-Z]{{2}}\d\b")
_PHONE_CUE = r"(?:tel(?:ef(?:one)?)?|telem(?:óvel)?|tlm|contactos?)"
_PHONES = (
    re.compile(rf"(?:\+|\b00)351[ .-]?{_NINE}"),
    re.compile(rf"{_BEGIN}(?:9[1236]|2[1-9])\d{{7}}{_END}"),
    # Apart, three numbers that begin with a 2 may be blood sugars.
    re.compile(rf"{_BEGIN}9[1236]\d([ .-])\d{{3}}\1\d{{3}}{_END}|{_BEGIN}9[1236] \d{{3}} \d{{2}} \d{{2}}{_END}"),
    re.compile(rf"\b{_PHONE_CUE}{_BETWEEN}[29](?:[ .-]?\d){{8}}{_END}", re.IGNORECASE),
)


def find_personal(text: str) -> str | None:
    """Which of KINDS the text holds, or None; the first that is found of several."""
    text = unicodedata.normalize("NFC", text)
    if "@" in text and _EMAIL.search(text):
        return EMAIL
    if not _NINE_DIGITS_APART.search(text):
        return None
    if _HEALTH.search(text):
        return HEALTH_NUMBER
    if any(nif.is_valid(match["number"]) for match in _TAX.finditer(text)):
        return TAX_NUMBER
    if any(phone.search(text) for phone in _PHONES):
        return PHONE
    if any(map(nif.is_valid, _NINE_DIGITS.findall(text))):
        return TAX_NUMBER
    if any(map(cc.is_valid, _CITIZEN.findall(text))):
        return CITIZEN_CARD
    return None
