"""Templates: what they may say, in which form it is put out, and where they are stopped."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.channels import apprise, console, letter, slack_blocks
from monitor.channels.slack import in_words
from monitor.channels.templates import Words
from monitor.channels.templates.keys import KEYS, Form
from monitor.channels.templates.mistake import TemplateMistake
from monitor.channels.templates.template import Template
from monitor.channels.templates.views import alert_view, message_view
from monitor.model import AlertKind, Copy, DeliveryKind, Earlier
from monitor.revisions import compare

NAMES = ("message", "alert", "alerts")


@pytest.fixture
def render(make_alert, make_message):
    """Renders a source in a form; keywords are fields of the one alert."""

    def render(source, form=Form.TEXT, files=None, **fields):
        alert = make_alert(**fields)
        template = Template(source, form, names=NAMES, files=files or {})
        return template.render(
            message=message_view(make_message(alert)),
            alert=alert_view(alert),
            alerts=[alert_view(alert)],
        )

    return render


# --------------------------------------------------------------------------- forms


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        (Form.TEXT, "a <b> & <!channel> *it's*"),
        (Form.HTML, "a &lt;b&gt; &amp; &lt;!channel&gt; *it&#39;s*"),
        (Form.MRKDWN, "a &lt;b&gt; &amp; &lt;!channel&gt; ∗it's∗"),
    ],
)
@pytest.mark.parametrize(
    "source",
    [
        "{{ alert.title }}",
        "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(alert.title) }}",
        "{% set x %}{{ alert.title }}{% endset %}{{ x }}",
        "{{ ['', alert.title]|join }}",
        "{% macro m() %}{% endmacro %}{{ m() ~ alert.title }}",
        "{% macro m() %}{% endmacro %}{{ m() + alert.title }}",
        "{% macro m() %}{% endmacro %}{{ [m(), alert.title]|join('') }}",
        "{{ alert.title|e }}",
        "{{ alert.title.strip() }}",
        "{{ alert.title|trim }}",
        "{{ alert.title[0:] }}",
    ],
)
def test_what_an_article_says_is_escaped_once(form, shown, source, render):
    """By whatever way it is put out, and once only; line breaks and marks of direction are gone."""
    title = "a <b> & <!channel>\n*it's*\u202e"
    assert render(source, form, title=title, title_marks=()) == shown


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("&<>*_~`@!|'\"\n ab\u202e\x00\ud800"), max_size=60))
def test_no_article_can_write_markup(make_alert, text):
    """No tag in HTML, no link, mention or style in Slack, whatever a title holds."""
    view = alert_view(make_alert(title=text, title_marks=((0, 3),), link="http://x/" + text))
    source = "{{ alert.title }}|{{ alert.title|bold }}|{{ alert.title|link(alert.link) }}"
    html = Template(source, Form.HTML, names=NAMES).render(alert=view)
    for tag in ("<b>", "</b>", "</a>"):
        html = html.replace(tag, "")
    opening = html.partition('<a href="')[2].partition('">')[0]
    assert not set(html.replace(f'<a href="{opening}">', "")) & set("<>\n\u202e")
    assert '"' not in opening
    mrkdwn = Template("{{ alert.title }}", Form.MRKDWN, names=NAMES).render(alert=view)
    assert not set(mrkdwn) & set("<>*~`\n\u202e")


@pytest.mark.parametrize(
    ("form", "bold", "link"),
    [
        (Form.TEXT, "The water rises.", "Title: http://m/a?b=1&c=_d_"),
        (Form.HTML, "The <b>water</b> rises.", '<a href="http://m/a?b=1&amp;c=_d_">Title</a>'),
        (Form.MRKDWN, "The *water* rises.", "<http://m/a?b=1&amp;c=_d_|Title>"),
    ],
)
def test_bold_words_and_links(form, bold, link, render):
    """What matched is bold and stays so when it is cut; an address is not changed."""
    excerpt = {"excerpt": "The water rises.", "excerpt_marks": ((4, 9),)}
    assert render("{{ alert.excerpt|bold }}", form, **excerpt) == bold
    assert render("{{ alert.excerpt|cut(12)|bold }}", form, **excerpt) == bold.replace(
        " rises.", "…"
    )
    address = {"title": "Title", "title_marks": (), "url": "http://m/a?b=1&c=_d_"}
    assert render("{{ alert.title|link(alert.url) }}", form, **address) == link


def test_what_went_and_what_came(render):
    """Of an edit, in each form."""
    edit = compare(("T", "It killed 12 people."), ("T", "It killed 15 people."))
    source = "{% for c in alert.edit.changes %}{{ c.how }}: {{ c.text|bold }}{% endfor %}"
    fields = {"kind": AlertKind.REVISED, "edit": edit}
    assert render(source, Form.TEXT, **fields) == "Edited: It killed [-12-]{+15+} people."
    assert render(source, Form.HTML, **fields) == (
        "Edited: It killed <del>12</del><ins>15</ins> people."
    )
    assert render(source, Form.MRKDWN, **fields) == "Edited: It killed ~12~ *15* people."


def test_moments_and_numbers(render):
    """In the zone that a template asks for; nothing where nothing is known."""
    assert render("{{ alert.published|when }}") == "2022-01-05 14:30 +06:00"
    assert render("{{ alert.published|local('UTC')|when }}") == "2022-01-05 08:30 UTC"
    assert render("{{ alert.views|number }}", views=12345) == "12,345"
    source = "[{{ alert.published|local('UTC')|when }}{{ alert.views|number }}{{ alert.growth }}]"
    assert render(source, published=None, views=None) == "[]"


def test_a_link_that_is_none_of_the_web(render):
    """A source's address is what a dump says: it makes no link that runs something."""
    source = "{{ alert.title|link(alert.link) }}"
    for form in (Form.HTML, Form.MRKDWN):
        assert render(source, form, title="T", title_marks=(), link="javascript:x") == "T"


# --------------------------------------------------------------------------- bounds


ENDLESS = {
    "loops in loops": "{% for a in range(999) %}{% for b in range(999) %}{% endfor %}{% endfor %}",
    "a long range": "{% for a in range(10**9) %}{% endfor %}",
    "a macro that calls itself": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "a macro that calls itself twice": "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}"
    "{% endif %}{% endmacro %}{{ f(40) }}",
    "a recursive loop": "{% for a in [1, 2] recursive %}{{ loop([1, 2]) }}{% endfor %}",
    "text times a number": "{{ 'x' * 10**10 }}",
    "a number times text": "{{ 10**10 * 'x' }}",
    "a list times a number": "{% set x = [1] * 10**9 %}",
    "a power": "{{ 9**9**9 }}",
    "products": "{% set n = namespace(x=2**200) %}{% for i in range(99) %}{% set n.x = n.x * n.x %}"
    "{% endfor %}",
    "joined to itself": "{% set n = namespace(x='ab') %}{% for i in range(99) %}"
    "{% set n.x = n.x ~ n.x %}{% endfor %}",
    "added to itself": "{% set n = namespace(x='ab') %}{% for i in range(99) %}"
    "{% set n.x = n.x + n.x %}{% endfor %}",
    "a list added to itself": "{% set n = namespace(x=[1]) %}{% for i in range(99) %}"
    "{% set n.x = n.x + n.x %}{% endfor %}",
    "a block set to itself": "{% set n = namespace(x='ab') %}{% for i in range(99) %}"
    "{% set n.x %}{{ n.x }}{{ n.x }}{% endset %}{% endfor %}",
    "filters": "{% set n = namespace(x=['ab']) %}{% for i in range(99) %}"
    "{% set n.x = [n.x|join, n.x|join] %}{% endfor %}",
    "replaced by itself": "{% set n = namespace(x='a' * 999) %}{% for i in range(99) %}"
    "{% set n.x = n.x|replace('a', n.x) %}{% endfor %}",
    "lists in lists": "{% set n = namespace(x=[1]) %}{% for i in range(99) %}"
    "{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}",
    "lists in lists compared": "{% macro f(x, y, n) %}{% if n %}{{ f([x, x], [y, y], n - 1) }}"
    "{% else %}{{ x == y }}{% endif %}{% endmacro %}{{ f([1], [1], 60) }}",
    "lists of two compared": "{% set n = namespace(x=[1], y=[1]) %}{% for i in range(60) %}"
    "{% set n.x = [n.x] * 2 %}{% set n.y = [n.y] * 2 %}{% endfor %}{{ n.x == n.y }}",
    "a key made of keys": "{% set n = namespace(x=(1,)) %}{% for i in range(60) %}"
    "{% set n.x = (n.x, n.x) %}{% endfor %}{{ {n.x: 1}|length }}",
    "a long search": "{{ ('a' * 900000).rfind('ab' ~ 'a' * 400000) }}",
    "stripped of much": "{{ ('a' * 900000).strip('b' * 900000 ~ 'a') }}",
    "trimmed of much": "{{ ('a' * 900000)|trim(chars='b' * 900000 ~ 'a') }}",
    "much plain text": "{% for i in range(9999) %}" + "x" * 999 + "{% endfor %}",
    "a width": "{{ '{:>1000000000}'.format(1) }}",
    "a width by name": "{{ '{:>1000000000}'['format'](1) }}",
    "a width of old": "{{ '%1000000000d' % 1 }}",
    "centred": "{{ 'x'.center(1000000000) }}",
    "a file that includes itself": "{% include 'self' %}",
    "files that include each other twice": "{% include 'one' %}",
}
FILES = {
    "self": "{% include 'self' %}",
    "one": "{% include 'other' %}{% include 'other' %}",
    "other": "{% include 'one' %}",
}


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("source", ENDLESS.values(), ids=ENDLESS)
def test_what_would_not_end_is_stopped(source, form, render):
    """After so many steps or characters, on any machine."""
    with pytest.raises(TemplateMistake, match=r"line 1: ") as caught:
        render(source, form, files=FILES)
    assert "not done within" not in str(caught.value)  # by the number of steps, not by the clock
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__ }}",
        "{{ alert.title.__class__.__mro__ }}",
        "{{ alert['__class__'] }}",
        "{{ alert.title.pieces() }}",
        "{{ [alert]|map(attribute='__class__')|first }}",
        "{{ alert.rules.__len__() }}",
        "{{ alert.published.strftime('%1000000000Y') }}",
        "{{ (1).to_bytes(1000000000) }}",
        "{{ range.__globals__ }}",
        "{{ self.__init__ }}",
        "{{ cycler.__init__.__globals__ }}",
    ],
)
def test_the_insides_of_the_program_are_out_of_reach(source, render):
    """Neither by underscore nor by a method that is none of text's own."""
    with pytest.raises(TemplateMistake):
        render(source)


def test_an_honest_template_stays_far_from_the_bounds(make_alert, make_message):
    """Fifty articles in the longest of the defaults."""
    alerts = [make_alert(n) for n in range(50)]
    message = make_message(*alerts)
    source = (files("monitor.channels.templates") / "defaults" / "email.html.j2").read_text()
    template = Template(source, Form.HTML, names=NAMES)
    page = template.render(
        message=message_view(message), alerts=[alert_view(alert) for alert in alerts]
    )
    assert page.count("<h2") == 50


# --------------------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("source", "line", "said"),
    [
        ("{{ aler.title }}", 1, "there is no 'aler'; did you mean alert?"),
        ("a\n{{ alert.tilte }}", 2, "alert has no 'tilte'; did you mean title?"),
        ("{% for alert in alerts %}{{ alert.tilte }}{% endfor %}", 1, "did you mean title?"),
        ("a\nb\n{% for %}", 3, "Expected an expression"),
        ("{{ alert.title|nofilter }}", 1, "No filter named 'nofilter'"),
        ("{{ alert.title|safe }}", 1, "No filter named 'safe'"),
        ("{% autoescape false %}{% endautoescape %}", 1, "escaping cannot be turned off"),
        ("{% include 'selv' %}", 1, "there is no template 'selv'; did you mean self?"),
        ("{% include 'press' %}", 1, "there is no template 'press': see the setting templates"),
        ("{{ alert.title", 1, "unexpected end of template"),
        ("{% if alert %}", 1, "endif"),
        ("{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}", None, "nested too deeply"),
        ("x" * 70_000, 1, "longer than 64,000 characters"),
        ("{% for a in alerts %}" * 30 + "{% endfor %}" * 30, None, "too many statically nested"),
        ("{% macro f(x, x) %}{% endmacro %}", None, "cannot be read: duplicate argument"),
        ("{{ 1" + "0" * 5_000 + " }}", None, "cannot be read: Exceeds the limit"),
    ],
)
def test_a_mistake_is_told_before_anything_is_sent(source, line, said):
    """With its line, and what was probably meant."""
    with pytest.raises(TemplateMistake) as caught:
        Template(source, Form.TEXT, names=NAMES, files=FILES)
    assert said in str(caught.value)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("\n{{ alerts[7].title }}", "line 2: list object has no element 7"),
        ("{{ 1 / 0 }}", "line 1: division by zero"),
        ("{{ 1e400 }}", "line 1: name 'inf' is not defined"),
        ("{{ cycler() }}", "line 1: at least one item has to be provided"),
        ("{{ alert.title|truncate(-5) }}", "line 1: expected length >= 3, got -5"),
        ("{{ alert.title + 1 }}", "line 1: can only concatenate"),
        ("{{ alert.title() }}", "line 1: 'Passage' object is not callable"),
        ("{{ alerts }}", "line 1: a list cannot be shown: name one of its parts"),
        ("{{ alert.published|local('Mars') }}", "line 1: no such time zone: 'Mars'"),
        ("{% include alert.title %}", "line 1: there is no template 'Referendum on water 1'"),
        ("{% include 'bad' %}", "bad, line 2: alert has no attribute 'nope'"),
        ("{% set alert = alert.edit %}{{ alert.nope }}", "line 1: 'None' has no attribute 'nope'"),
    ],
)
def test_a_failure_says_where(source, said, render):
    """The line of the template, or of the file that it includes."""
    with pytest.raises(TemplateMistake) as caught:
        render(source, files={"bad": "a\n{{ alert.nope }}"})
    assert said in str(caught.value)


WORDS = (
    "{{ }} {% %} for in endfor if else endif set endset macro endmacro alert alerts message .title"
    " .x | bold cut(3) link(1) join ( ) [ ] , ' 1 0 -1 * ** + ~ / // % == < not and or is none"
    " true namespace() range(5) {# #} block b endblock call endcall filter upper endfilter with"
    " endwith include extends import as recursive loop x y = :"
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(WORDS.split()), max_size=20), st.booleans(), st.sampled_from(Form))
def test_whatever_is_written_fails_as_a_template(make_alert, words, expression, form):
    """Whatever somebody types renders or is a mistake; nothing else gets out of it."""
    source = " ".join(words)
    view = alert_view(make_alert())
    try:
        template = Template("{{ " + source + " }}" if expression else source, form, names=NAMES)
        assert isinstance(template.render(alert=view, alerts=[view], message=view), str)
    except TemplateMistake as mistake:
        assert 0 < len(str(mistake)) < 300


# --------------------------------------------------------------------------- channels


class Failing:
    def render(self, **variables):
        raise TemplateMistake("'x' is undefined", 3)


def test_a_template_that_fails_loses_no_alert(make_alert, make_message, log_events):
    """The default goes out and says so; the log has it once."""
    message = make_message(make_alert(1), make_alert(2))
    words = Words({"text": Failing(), "html": Failing(), "header": Failing()}, "desk/slack/0")
    note = "The template `text` failed (line 3: 'x' is undefined); this is the default."
    assert console.in_words(message, words) == f"{note}\n{console.payload(message)}"
    document = in_words(message, words)
    plain = slack_blocks.payload(message)
    assert document["blocks"][:-1] == plain["blocks"][:-1]
    said = [element["text"] for element in document["blocks"][-1]["elements"]]
    assert "The template ˋtextˋ failed" in said[-1] or "The template ˋtextˋ failed" in said[-2]
    subject, text, html = letter.parts(message, words)
    assert subject == "2 articles: referendum"
    assert text.startswith(note)
    assert "Referendum on water 2" in text
    assert "this is the default.</p>" in html
    assert "Referendum on water 2" in html
    in_words(message, words)
    assert [event["key"] for event in log_events] == ["text", "header", "html"]
    assert all(event["event"] == "template.failed" for event in log_events)


def test_one_bad_article_costs_the_others_nothing(make_alert, make_message):
    """Slack's template is rendered article by article: the others keep their own words."""
    template = Template(
        "{{ alert.title }} {{ 100 // alert.views }}", Form.MRKDWN, names=("alert", "message")
    )
    message = make_message(make_alert(1, views=50), make_alert(2, views=0))
    blocks = in_words(message, Words({"text": template}))["blocks"]
    assert blocks[1]["text"]["text"] == "Referendum on water 1 2"
    assert blocks[2]["text"]["text"].startswith("*<http://monitor.test/articles/2|")


def test_an_endless_template_is_tried_once_for_a_message(make_alert, make_message):
    """Not for each article: that would hold up what else is to be sent."""

    class Endless:
        tried = 0

        def render(self, **variables):
            self.tried += 1
            raise TemplateMistake("more than 20,000 steps", 1, endless=True)

    template = Endless()
    message = make_message(make_alert(1), make_alert(2))
    document = in_words(message, Words({"text": template}))
    assert template.tried == 1
    assert document["blocks"][:-1] == slack_blocks.payload(message)["blocks"][:-1]


def test_a_subject_is_one_line(make_message):
    """A template cannot break a header; an empty one is the default."""
    two = Template("a\r\nBcc: x@example.org\n", Form.TEXT, names=NAMES)
    assert letter.parts(make_message(), Words({"subject": two}))[0] == "a Bcc: x@example.org"
    none = Template("{# nothing #}", Form.TEXT, names=NAMES)
    subject = letter.parts(make_message(), Words({"subject": none}))[0]
    assert subject == "referendum: Referendum on water 1"


# --------------------------------------------------------------------------- defaults


def _default(channel, key):
    source = (files("monitor.channels.templates") / "defaults" / f"{channel}.{key}.j2").read_text()
    kind = KEYS[channel][key]
    return Template(source, kind.form, names=kind.names)


@pytest.fixture
def messages(make_alert, make_message):
    """One article, several of all kinds, and one that shows not all."""
    edit = compare(("T", "It killed 12 people."), ("T", "It killed 15 people & more."))
    earlier = (Earlier(AlertKind.NEW, 1, datetime(2022, 1, 5, 7, 0, tzinfo=UTC)),)
    copy = Copy("copy-1", "courier", "Low <water>", None, None)
    several = (
        make_alert(1),
        make_alert(2, kind=AlertKind.REVISED, revision=2, edit=edit, earlier=earlier),
        make_alert(3, kind=AlertKind.DROPPED, copies=(copy,), link="https://daily.test/3"),
    )
    return [
        make_message(),
        make_message(*several, kind=DeliveryKind.DIGEST, total=4),
        make_message(*several, total=12),
        make_message(make_alert(excerpt="", rules=())),
    ]


def test_the_defaults_as_templates_say_what_the_channels_say(messages):
    """Who begins with one of them begins with what is sent without it."""
    for message in messages:
        words = Words({"text": _default("console", "text")})
        assert _flat(console.in_words(message, words)) == _flat(console.payload(message))
        words = Words({key: _default("email", key) for key in ("subject", "text")})
        default = letter.parts(message, Words())
        assert letter.parts(message, words)[:2] == default[:2]
        words = Words({key: _default("apprise", key) for key in ("title", "body")})
        assert apprise.texts(message, words) == apprise.texts(message)
        words = Words({key: _default("slack", key) for key in ("header", "text")})
        assert in_words(message, words) == slack_blocks.payload(message)


def _flat(text):
    return [line.split() for line in text.splitlines() if line.strip()]


def test_the_default_page_holds_all(messages):
    """The HTML to begin with is simpler than what is sent without it, and has all of it."""
    page = letter.parts(messages[1], Words({"html": _default("email", "html")}))[2]
    for text in (
        "Digest: ",
        "Referendum on water 3",
        "<del>12</del><ins>15</ins>",
        "Low &lt;water",
    ):
        assert text in page
    assert page.rstrip().endswith("</html>")
