"""The currencies that prices may be in, and where each one's decimal point stands. Knows no prices.

Source: ISO 4217, as far as Stripe takes them ("Supported currencies", with their zero- and three-decimal ones).
"""

WHOLE = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())  # noqa: SIM905
THOUSANDTHS = frozenset("bhd jod kwd omr tnd".split())  # noqa: SIM905
HUNDREDTHS = frozenset(
    """
    aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop crc
    cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr isk jmd kes kgs khr
    kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk
    php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah ugx usd
    uyu uzs wst xcd yer zar zmw
    """.split()  # noqa: SIM905
)
CURRENCIES = HUNDREDTHS | WHOLE | THOUSANDTHS


def decimals(currency: str) -> int:
    """
    >>> decimals("usd"), decimals("jpy"), decimals("kwd")
    (2, 0, 3)
    """
    return 0 if currency in WHOLE else 3 if currency in THOUSANDTHS else 2
