#!/usr/bin/env python3
"""Writes awkward_yaml.json: awkward YAML texts with the answer of PyYAML (6.0.x), the reader of
most Python applications. A prompt must reach the model as that reader delivers it.

    python3 -m venv .venv && .venv/bin/pip install pyyaml==6.0.3
    .venv/bin/python tests/data/awkward_yaml.py > tests/data/awkward_yaml.json
"""
import datetime
import json
import yaml

SCALARS = """yes Yes YES no NO on Off true True TRUE false FALSE y n Y N null Null NULL ~ = -
010 0o10 0x1F 0b101 0_7 1_000 1__0 09 08.5 00 0 -1 +1 1.0 1. .5 -.5 1e3 1.5e3 1.5e+3 1E5 12e03 685_230.15
.inf -.INF .nan .NaN 1:30 12:30:45 190:20:30.15 2024-01-01 2024-1-1 2024-01-01T10:00:00Z 2024-13
1.2.3 v1.0 0.1.2 0x 0b 0o8 +12e03 -0 0.0 1- -- --- . .. <<< >= != ok""".split()

TEXTS = {
    "no_final_newline": "a: |\n  first\n  second",
    "no_final_newline_folded": "a: >\n  first\n  second",
    "literal_clip": "a: |\n  first\n\n  second\n\n\nb: x\n",
    "literal_strip": "a: |-\n  first\n\n  second\n\n\nb: x\n",
    "literal_keep": "a: |+\n  first\n\n  second\n\n\nb: x\n",
    "literal_keep_at_end": "a: |+\n  first\n\n\n",
    "literal_strip_without_newline": "a: |-\n  first",
    "literal_keep_without_newline": "a: |+\n  first",
    "folded_clip": "a: >\n  first\n  second\n\n  third\n    indented\n  last\n\nb: x\n",
    "folded_strip": "a: >-\n  first\n  second\n\n\n  third\n\nb: x\n",
    "folded_keep": "a: >+\n  first\n  second\n\n\nb: x\n",
    "literal_indentation_indicator": "a: |2\n   one space more\n  none\nb: x\n",
    "literal_indicator_and_strip": "a: |2-\n    two spaces more\nb: x\n",
    "literal_leading_blank_lines": "a: |\n\n\n  after blanks\n",
    "literal_trailing_spaces": "a: |\n  ends with spaces   \n   \n  last\n",
    "literal_with_hash": "a: | # a comment\n  # not a comment\n  text # neither\n",
    "literal_tab_inside": "a: |\n  \tindented by a tab\n  x\ty\n",
    "empty_literal": "a: |\nb: x\n",
    "double_multi_line": "a: \"first\n  second\n\n  third \\\n  joined\"\n",
    "double_multi_line_at_key": "a:\n  b: \"first\n  second\"\n",
    "double_escapes": "a: \"tab\\t nul-free \\x41 \\u00e9 \\U0001F600 slash\\/ quote\\\" back\\\\ nel\\N nbsp\\_\"\n",
    "surrogate_escapes": "a: \"\\ud83d\\ude00\"\n",
    "single_multi_line": "a: 'it''s\n  second\n\n  third'\n",
    "plain_multi_line": "a: first\n  second\n\n  third\nb: x\n",
    "plain_with_colon_and_hash": "a: time 12:30#not a comment\nb: x # comment\n",
    "plain_braces_inside": "a: reply {name} and [x]\n",
    "quoted_braces": "a: \"{{ name }}\"\n",
    "unquoted_braces": "a: {{ name }}\n",
    "template_at_start": "a: {{ name }} says hello\n",
    "percent_template": "a: \"{% if x %}y{% endif %}\"\nb: {% if x %}\n",
    "anchor": "a: &t text\nb: *t\n",
    "anchored_block": "a: &t |\n  block\nb: *t\n",
    "anchor_redefined": "a: &t one\nb: *t\nc: &t two\nd: *t\n",
    "unknown_alias": "a: *nothing\n",
    "merge": "base: &b {x: one, y: two}\na:\n  <<: *b\n  y: own\n  z: three\n",
    "merge_list": "one: &o {x: first}\ntwo: &t {x: second, y: second}\na:\n  <<: [*o, *t]\n  z: own\n",
    "merge_nested": "a: &a {x: one}\nb: &b {<<: *a, y: two}\nc: {<<: *b, z: three}\n",
    "merge_quoted_key": "a: {\"<<\": text, b: x}\n",
    "merge_of_a_scalar": "a:\n  <<: text\n",
    "tab_indentation": "a:\n\tb: x\n",
    "tab_after_colon": "a:\ttext\n",
    "tab_before_comment": "a: text\t# comment\n",
    "crlf": "a: |\r\n  first\r\n  second\r\nb: \"x\r\n  y\"\r\nc: plain\r\n",
    "byte_order_mark": "\ufeffa: text\n",
    "emoji": "a: 😀 text 👩‍👩‍👧 ünïcode\n😀: key\n",
    "emoji_in_block": "a: |\n  😀\n  日本語\n",
    "line_separator": "a: \"x\u2028y\"\n",
    "next_line_character": "a: |\n  x\u0085  y\n",
    "document_start": "--- # comment\na: text\n...\n",
    "directive": "%YAML 1.1\n---\na: text\n",
    "two_documents": "a: text\n---\nb: text\n",
    "comments_only": "# nothing\n",
    "empty": "",
    "core_tag": "a: !!str 12\n",
    "unknown_tag": "a: !secret x\n",
    "complex_key": "? [a, b]\n: x\n",
    "explicit_key": "? a\n: text\n",
    "flow_over_lines": "a: [one,\n  two, \"three\n  four\"]\n",
    "flow_trailing_comma": "a: {b: one, c: two,}\n",
    "null_values": "a:\nb: ~\nc: ''\n",
    "list_at_key_indentation": "a:\n- one\n- two\n",
    "nested_lists": "a:\n- - one\n  - two\n- b: x\n  c: y\n",
    "colon_in_plain": "a: first: second\n",
    "unclosed_quote": "a: \"first\nb: x\n",
    "unclosed_bracket": "a: [one, two\nb: x\n",
    "bad_indentation": "a:\n   b: x\n  c: y\n",
    "at_sign": "a: @name\n",
    "backtick": "a: `name`\n",
    "percent": "a: %name\n",
    "star": "a: **bold** text\n",
    "dash_text": "a: - not a list\n",
    "quote_then_text": "a: \"first\" and second\n",
    "question_mark": "a: ?\nb: why?\n",
    "exclamation": "a: wow!\nb: !\n",
    "pipe_in_text": "a: x | y\n",
    "url": "a: https://example.com/#part\n",
    "windows_path": "a: C:\\new\\table\nb: 'C:\\new'\n",
    "control_character": "a: \"x\u0007y\"\n",
    "del_character": "a: x\u007fy\n",
}


def plain(value):
    """JSON, with everything that is no text marked as such."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, (datetime.date, float)):
        return {"$": type(value).__name__}
    return value


def answer(text):
    try:
        return {"text": text, "value": plain(yaml.load(text.encode(), yaml.SafeLoader))}
    except (yaml.YAMLError, ValueError, TypeError) as error:
        return {"text": text, "refused": str(error).splitlines()[0]}


out = {name: answer(text) for name, text in TEXTS.items()}
out |= {f"scalar {s}": answer(f"a: {s}\n") for s in SCALARS}
print(json.dumps(out, indent=1, ensure_ascii=True))
