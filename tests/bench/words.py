"""Talk without end: words as frequent as in real speech, most made up, the same at every run; knows no episodes."""

import itertools
import random

CONSONANTS = "bdfgklmnprstvz"
VOWELS = "aeiou"
COMMONEST_FIRST = (
    "the and to of a I that it in you is was for on with we so but this they have be as not are what at like one "
    "or if all about can just there from my do had when your an up out how then them more by which because her me "
    "his who will some know now people would think our time their no get very into see other really than way "
    "could make these where first two things its also right did us go over much any here well good say been after "
    "even most only many work back why thing something want long never still too day own little take made said "
    "used came before down need found each off every part always few year again last same old new next once both "
    "left while read might through under kept"
)
INVENTED_WORDS = 6_000
DRAWN_WORDS = 400_000
FIRST_RANK = 3  # Zipf's law as Mandelbrot bent it: the very first words are less frequent than 1/rank says


class Talk:
    """Words that come one after another, without end. Two talks with the same seed say the same."""

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)
        vocabulary = COMMONEST_FIRST.split() + sorted({_invented(chance) for _ in range(INVENTED_WORDS)})
        weights = list(itertools.accumulate(1 / (rank + FIRST_RANK) for rank in range(len(vocabulary))))
        self._words = chance.choices(vocabulary, cum_weights=weights, k=DRAWN_WORDS)
        self._at = 0

    def start(self, place: int) -> None:
        """Goes on from the word at `place`, counted round and round."""
        self._at = place % len(self._words)

    def say(self, count: int) -> str:
        """The next `count` words, with spaces between."""
        end = self._at + count
        if end > len(self._words):
            self._at, end = 0, count
        said = " ".join(self._words[self._at : end])
        self._at = end
        return said

    def sentence(self, count: int) -> str:
        said = self.say(count)
        return said[0].upper() + said[1:]


def _invented(chance: random.Random) -> str:
    return "".join(chance.choice(CONSONANTS) + chance.choice(VOWELS) for _ in range(chance.randint(2, 4)))
