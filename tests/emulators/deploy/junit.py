"""Reads a JUnit report as others do: by junitparser, and by the rules of the schema that Jenkins publishes (junit-10), which
CodeBuild's reader accepts, too. Prints what a person sees of it."""

import re
import sys
import xml.etree.ElementTree as tree

from junitparser import JUnitXml

#: By element: attributes that must and that may be there, and the elements below it.
FINDING = ({"type"}, {"message"}, set())
RULES = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors"}, {"skipped", "time"}, {"testcase"}),
    "testcase": ({"name"}, {"classname", "time"}, {"failure", "error", "skipped", "system-out"}),
    "failure": FINDING,
    "error": FINDING,
    "skipped": (set(), {"type", "message"}, set()),
    "system-out": (set(), set(), set()),
}


def follows(element):
    must, may, below = RULES[element.tag]
    given = set(element.attrib)
    assert must <= given <= must | may, (element.tag, given)
    assert re.fullmatch(r"[0-9]*(\.[0-9]*)?", element.get("time", "")), element.get("time")
    for child in element:
        assert child.tag in below, (element.tag, child.tag)
        follows(child)


root = tree.parse(sys.argv[1]).getroot()
assert root.tag == "testsuites"
follows(root)
for suite in JUnitXml.fromfile(sys.argv[1]):
    print(f"{suite.name}: {suite.tests} tests, {suite.failures} failures, {suite.errors} errors, {suite.skipped} skipped")
    assert suite.tests == sum(1 for _ in suite)
    for case in suite:
        print(f"  {case.name}:", *(type(result).__name__ for result in case.result))
