"""What a learner writes beside a lecture, and the files that come with it."""

from tests.browser.person import press, reads, type_in
from tests.browser.store import Cookies, Store
from tests.browser.visits import Visitor
from tests.browser.watching import AFTER, FILES, PAID, VIDEO, is_told, opened, seek, until


def test_a_note_is_kept_with_its_moment_on_every_device(
    store: Store, owner: Cookies, learner: Visitor, elsewhere: Visitor
) -> None:
    opened(learner, store.url + PAID)
    seek(learner, 8)
    type_in(learner, "text", "Ask <Mara> about the third copy")
    press(learner, "Keep it")
    reads(learner, "0:08 Ask <Mara> about the third copy")
    is_told(learner)
    elsewhere.take_cookies(owner)
    opened(elsewhere, store.url + PAID)
    reads(elsewhere, "0:08 Ask <Mara> about the third copy")
    press(elsewhere, "0:08", within="[data-notes]")
    until(elsewhere, f"{VIDEO}.currentTime >= 8", "it plays from the note's moment")
    press(elsewhere, "Remove")
    is_told(elsewhere)
    opened(learner, store.url + PAID)
    until(learner, "document.querySelector('[data-note-list]').innerText === ''", "it is gone everywhere")


def test_a_note_without_a_network_is_kept_and_sent_later(store: Store, learner: Visitor) -> None:
    opened(learner, store.url + AFTER)
    learner.unplug()
    type_in(learner, "text", "In the tunnel")
    press(learner, "Keep it")
    reads(learner, "It is kept in this browser and sent later.")
    learner.unplug(False)
    is_told(learner)
    opened(learner, store.url + AFTER)
    reads(learner, "In the tunnel")


def test_the_files_of_a_lecture_can_be_had_by_its_owner(store: Store, learner: Visitor) -> None:
    opened(learner, store.url + FILES)
    read = "fetch(document.querySelector('.files a').href).then(answer => answer.status)"
    assert learner.evaluate(read) == 200
