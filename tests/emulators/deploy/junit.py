"""Reads a JUnit report as others do: by the schema that Jenkins publishes (junit-10.xsd, as the sources of pytest 8.3.4 have
it), which CodeBuild's reader accepts, too, and by junitparser. Prints what a person sees of it."""

import sys

import xmlschema
from junitparser import JUnitXml

report, schema = sys.argv[1:]
xmlschema.validate(report, schema)
for suite in JUnitXml.fromfile(report):
    print(f"{suite.name}: {suite.tests} tests, {suite.failures} failures, {suite.errors} errors, {suite.skipped} skipped")
    assert suite.tests == sum(1 for _ in suite)
    for case in suite:
        print(f"  {case.name}:", *(type(result).__name__ for result in case.result))
