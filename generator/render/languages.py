"""Languages as those who speak them write them; any other is named by its code. Knows no text."""

NAMES = {
    "ar": "العربية",
    "cs": "Čeština",
    "da": "Dansk",
    "de": "Deutsch",
    "el": "Ελληνικά",
    "en": "English",
    "es": "Español",
    "fi": "Suomi",
    "fr": "Français",
    "he": "עברית",
    "hi": "हिन्दी",
    "hu": "Magyar",
    "id": "Bahasa Indonesia",
    "it": "Italiano",
    "ja": "日本語",
    "ko": "한국어",
    "nb": "Norsk bokmål",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
    "ro": "Română",
    "ru": "Русский",
    "sv": "Svenska",
    "tr": "Türkçe",
    "uk": "Українська",
    "vi": "Tiếng Việt",
    "zh": "中文",
}


def name(code: str) -> str:
    """
    >>> name("de"), name("pt-br"), name("xx")
    ('Deutsch', 'Português (BR)', 'XX')
    """
    language, _, region = code.partition("-")
    known = NAMES.get(language)
    if known is None:
        return code.upper()
    return f"{known} ({region.upper()})" if region else known
