"""The HTML reader sees only what people see: attributes, comments and scripts do not count as text."""

import pytest

from tests.support.html import page_of, said_in

FORM = """<!-- Approved --><title>Approved</title>
<form id="ask" data-word="Approved" action="/a?b=1&amp;c=2"><script>Approved</script><p hidden>Approved</p>
  <input name="title" value="Desks &amp; lamps"><input name="title" value="second"><input name="off" disabled value="x">
  <label>Yes<input type="radio" name="pick" value="yes"></label><input type="radio" name="pick" value="no" checked>
  <input type="checkbox" name="urgent"><button name="send" value="1">Send</button><input type="submit" name="more">
  <select name="centre"><option value="1">One<option value="2" selected>Two</select>
  <textarea name="why">
 &lt;b&gt; </textarea><template>Approved</template>
</form><a href="/x">In <b>o</b>ne</a><p>line</p><p>each</p>"""


def test_only_what_people_can_read_is_text() -> None:
    assert said_in(FORM) == "Yes Send One Two <b> In one line each"


def test_fields_hold_what_a_browser_would_send() -> None:
    form = page_of(FORM).one("form")
    assert form.fields == {"title": "Desks & lamps", "pick": "no", "centre": "2", "why": " <b> "}
    assert form["action"] == "/a?b=1&c=2"
    assert page_of(FORM).links == ["/x"]
    assert not form.has("form")


@pytest.mark.parametrize("css", ["input", "table"])
def test_one_element_is_exactly_one(css: str) -> None:
    with pytest.raises(AssertionError, match=css):
        page_of(FORM).one(css)
