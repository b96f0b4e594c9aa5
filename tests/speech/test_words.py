"""Long recordings in parts: cut where it is quiet, and joined with each word once."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agent.speech.sound import RATE, Track
from agent.speech.words import OVERLAP, HeardWord, Part, join, parts_of, spread, timed

TEXT = "we need to know what a late close costs before the board meets and the new numbers come out in spring"
WORDS = TEXT.split()


def heard(words, start, end, voice=None, shift=0.0):
    """What a recogniser hears between two times, in times of that part."""
    inside = [(t, at) for t, at in words if start <= at and at + 0.3 <= end]
    return [HeardWord(text=t, start=at - start + shift, end=at - start + shift + 0.3, voice=voice) for t, at in inside]


def row(count, step=0.4):
    return [(WORDS[i % len(WORDS)], round(i * step, 2)) for i in range(count)]


def test_parts_are_cut_where_it_is_quiet_and_reach_into_each_other():
    random = np.random.default_rng(3)
    samples = random.normal(0, 3000, 100 * RATE).astype(np.int16)
    pauses = (20.0, 36.0, 52.0, 68.0, 84.0)
    for pause in pauses:
        samples[int(pause * RATE) : int((pause + 0.5) * RATE)] = 0
    parts = parts_of(Track(samples), 30.0)
    assert all(p <= part.cut <= p + 0.5 for p, part in zip(pauses, parts[:-1], strict=True))
    assert all(part.end - part.start <= 30.0 for part in parts)
    assert (parts[0].start, parts[-1].end, parts[-1].cut) == (0.0, 100.0, 100.0)
    for one, two in pairwise(parts):
        assert two.start == one.cut - OVERLAP
        assert one.end == one.cut + OVERLAP


@given(st.integers(30, 400), st.floats(0, 0.2), st.integers(0, 2**31))
def test_words_of_parts_that_overlap_are_each_there_once_with_their_times(count, drift, seed):
    words = row(count)
    random = np.random.default_rng(seed)
    seconds = count * 0.4
    parts, begin = [], 0.0
    while seconds - begin > 30:
        cut = begin + 30 - OVERLAP - float(random.uniform(0, 10))
        parts.append(Part(begin, cut + OVERLAP, cut))
        begin = cut - OVERLAP
    parts.append(Part(begin, seconds + 1, seconds + 1))
    told = [(p, heard(words, p.start, p.end, shift=drift if n % 2 else 0.0)) for n, p in enumerate(parts)]
    made = join(told).words
    assert [word.text for word in made] == [t for t, _ in words]
    assert all(abs(word.start - at) <= drift + 0.002 for word, (_, at) in zip(made, words, strict=True))


def test_a_word_that_only_one_part_has_heard_right_costs_no_other():
    words = row(100)
    first, second = Part(0, 25, 20), Part(15, 41, 41)
    one, two = heard(words, 0, 25), heard(words, 15, 41)
    one[-1] = one[-1].model_copy(update={"text": "brd"})  # cut off by the part's end
    two[0] = two[0].model_copy(update={"text": "ter"})
    assert [w.text for w in join([(first, one), (second, two)]).words] == [t for t, _ in words]


def test_parts_that_agree_on_no_word_are_joined_by_the_clock():
    one = [HeardWord(text=f"a{i}", start=float(i), end=i + 0.5) for i in range(25)]
    two = [HeardWord(text=f"b{i}", start=float(i), end=i + 0.5) for i in range(20)]
    made = join([(Part(0, 25, 20), one), (Part(15, 35, 35), two)]).words
    assert [w.text for w in made] == [*(f"a{i}" for i in range(20)), *(f"b{i}" for i in range(5, 20))]


def test_voices_keep_their_names_over_a_seam_by_what_both_parts_heard():
    words = row(200)
    part, rest = Part(0, 45, 40), Part(35, 81, 81)
    one = [w.model_copy(update={"voice": "A" if int(w.start / 3) % 2 else "B"}) for w in heard(words, 0, 45)]
    two = [w.model_copy(update={"voice": "B" if int((w.start + 35) / 3) % 2 else "A"}) for w in heard(words, 35, 81)]
    made = join([(part, one), (rest, two)])
    assert made.fresh == []
    assert {(int(w.start / 3) % 2, w.voice) for w in made.words} == {(0, "Voice 1"), (1, "Voice 2")}


def test_a_voice_that_is_not_heard_at_the_seam_is_nobody_who_spoke_before():
    words = row(150)
    one = heard(words, 0, 25, "0")
    two = [w.model_copy(update={"voice": "0" if w.start < 20 else "1"}) for w in heard(words, 15, 61)]
    made = join([(Part(0, 25, 20), one), (Part(15, 61, 61), two)])
    assert made.fresh == ["Voice 2"]
    assert [w.voice for w in made.words if w.start > 36] == ["Voice 2"] * sum(w.start > 36 for w in made.words)


def test_a_text_without_times_is_joined_by_its_words():
    text = " ".join(f"word{i}" for i in range(120))
    one, two = " ".join(text.split()[:75]), " ".join(text.split()[60:])
    made = join([(Part(0, 30, 25), spread(one, 0, 30)), (Part(20, 50, 50), spread(two, 0, 30))]).words
    assert " ".join(w.text for w in made) == text
    assert not any(w.exact for w in made)


def test_punctuation_of_the_text_and_times_of_the_words_come_together():
    text = spread("Well, three days: that's 3 of them.", 0, 10)
    words = [HeardWord(text=t, start=s, end=s + 0.2) for t, s in
             [("well", 1.0), ("three", 2.0), ("days", 3.0), ("thats", 4.0), ("of", 6.0), ("them", 7.0)]]  # fmt: skip
    made = timed(text, words)
    assert [w.text for w in made] == ["Well,", "three", "days:", "that's", "3", "of", "them."]
    assert [w.start for w in made if w.exact] == [1.0, 2.0, 3.0, 4.0, 6.0, 7.0]
    assert 4.0 <= made[4].start <= 6.0
    assert not made[4].exact
