"""Countries as lists write them, by their two letters. Those that the table does not know say nothing."""

from __future__ import annotations

NAMES = {
    "AF": "afghanistan afghan", "AM": "armenia armenian", "AZ": "azerbaijan azerbaijani", "BY": "belarus belarusian",
    "CN": "china chinese", "CU": "cuba cuban", "DE": "germany german", "EG": "egypt egyptian", "FR": "france french",
    "GE": "georgia georgian", "ID": "indonesia indonesian", "IN": "india indian", "IQ": "iraq iraqi",
    "IR": "iran iranian", "JO": "jordan jordanian", "KG": "kyrgyzstan kyrgyz", "KP": "dprk", "KW": "kuwait kuwaiti",
    "KZ": "kazakhstan kazakh", "LB": "lebanon lebanese", "LY": "libya libyan", "MA": "morocco moroccan",
    "MD": "moldova moldovan", "PK": "pakistan pakistani", "RU": "russia russian", "SA": "saudi", "SD": "sudan sudanese",
    "SO": "somalia somali", "SY": "syria syrian", "TJ": "tajikistan tajik", "TM": "turkmenistan turkmen",
    "TN": "tunisia tunisian", "TR": "turkey turkish turkiye", "UA": "ukraine ukrainian", "US": "usa",
    "UZ": "uzbekistan uzbek", "YE": "yemen yemeni",
}  # fmt: skip
PHRASES = {"russian federation": "RU", "democratic people's republic of korea": "KP", "korea, north": "KP",
           "iran (islamic republic of)": "IR", "syrian arab republic": "SY", "united states": "US",
           "united states of america": "US"}  # fmt: skip
BY_WORD = {word: code for code, words in NAMES.items() for word in words.split()}


def code_of(text: str) -> str:
    """Return the two letters of a country or a nationality, empty where the table does not know it."""
    plain = " ".join(text.lower().split())
    if len(plain) == 2 and plain.isascii():
        return plain.upper()
    return PHRASES.get(plain) or BY_WORD.get(plain, "")
