"""Holds calls as they went over the wire against AWS's own service models, those of botocore: every line of standard
input is one exchange; standard output says which operations were seen and what is wrong with them."""

import base64
import collections
import json
import sys
import urllib.parse

import botocore.session
import regex
from botocore.parsers import create_parser

SESSION = botocore.session.get_session()
# What a service may answer without a model of it.
COMMON = {"ValidationException", "AccessDeniedException", "ThrottlingException", "NoSuchKey", "NotFound", "404", "NoSuchBucket"}
problems, seen = [], collections.Counter()


def service(exchange):
    """The service's name in botocore, by whom the request was signed for."""
    signed = exchange["headers"].get("authorization", "").split("Credential=")[-1].split("/")
    name = signed[3] if len(signed) > 3 else ""
    if name == "bedrock" and exchange["path"].startswith("/prompts/"):
        return "bedrock-agent"
    if name == "bedrock":
        return "bedrock-runtime" if exchange["path"].startswith("/model/") else "bedrock"
    return name


def operation(model, exchange):
    """The operation and what its address says; None when there is no such operation."""
    target = exchange["headers"].get("x-amz-target")
    if target:
        return model.operation_model(target.split(".")[-1]), {}
    found = []
    asked = dict(urllib.parse.parse_qsl(exchange["query"], keep_blank_values=True))
    for name in model.operation_names:
        op = model.operation_model(name)
        path, _, query = op.http["requestUri"].partition("?")
        fixed = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        # Operations of S3 with one address are told apart by what the SDK adds.
        fixed.pop("x-id", None)
        fits = asked.get("x-id", name) == name and all(asked.get(key) == value for key, value in fixed.items())
        if op.http["method"] != exchange["method"] or not fits:
            continue
        pattern = regex.sub(r"\\{(\w+)\\\+\\}", r"(?P<\1>.+)", regex.escape(path, special_only=True))
        pattern = regex.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", pattern)
        # Where the model's address ends with a slash, so must ours.
        asked_path = exchange["path"] if path.endswith("/") else exchange["path"].rstrip("/") or "/"
        match = regex.fullmatch(pattern, asked_path)
        if match:
            # The more fixed words, the closer: `?list-type=2` before none.
            found.append((len(fixed), name, op, match.groupdict()))
    if not found:
        return None, {}
    _, _, op, uri = max(found, key=lambda one: (one[0], one[1]))
    return op, {key: urllib.parse.unquote(value) for key, value in uri.items()}


def plain(shape, text):
    """A text of an address or a header as a value."""
    if shape.type_name in ("integer", "long"):
        return int(text)
    if shape.type_name == "boolean":
        return text == "true"
    return text


def request_of(op, exchange, uri):
    """The arguments that a request stands for, by the names of the model, and the names that it knows nothing of."""
    shape, arguments, unknown = op.input_shape, {}, []
    asked = dict(urllib.parse.parse_qsl(exchange["query"], keep_blank_values=True))
    body = base64.b64decode(exchange["body"])
    payload = shape.serialization.get("payload") if shape else None
    for name, member in (shape.members if shape else {}).items():
        place, wire = member.serialization.get("location"), member.serialization.get("name", name)
        held = {"uri": uri, "querystring": asked, "header": exchange["headers"]}.get(place)
        if held is not None:
            wire = wire.lower() if place == "header" else wire
            if wire in held:
                arguments[name] = plain(member, held[wire])
    if payload:
        member = shape.members[payload]
        if member.type_name == "blob":
            arguments[payload] = body
        elif body:
            raise ValueError("a body of XML is not read here")
    elif body and shape:
        of_body = {m.serialization.get("name", n): n for n, m in shape.members.items() if not m.serialization.get("location")}
        for key, value in json.loads(body).items():
            if key in of_body:
                arguments[of_body[key]] = value
            else:
                unknown.append(key)
    return arguments, unknown


def response_of(shape, answered):
    """What the stand-in answered, by the names of the model: its JSON, or a body that is bytes, with its headers."""
    payload = shape.serialization.get("payload")
    if not payload or shape.members[payload].type_name != "blob":
        return json.loads(answered["body"])
    found = {payload: answered["body"]}
    for name, member in shape.members.items():
        wire = member.serialization.get("name", name).lower()
        if member.serialization.get("location") == "header" and wire in answered["headers"]:
            found[name] = plain(member, answered["headers"][wire])
    return found


def check(shape, value, place, tell):
    kind = shape.type_name
    if getattr(shape, "is_document_type", False):
        return
    if kind == "structure":
        if not isinstance(value, dict):
            return tell(place, f"is no {shape.name}")
        names = {m.serialization.get("name", n): n for n, m in shape.members.items()}
        names.update({n: n for n in shape.members})
        for name in shape.required_members:
            if name not in {names.get(key) for key in value}:
                tell(place, f"lacks the required {name}")
        if getattr(shape, "is_tagged_union", False) and len(value) != 1:
            tell(place, f"is a union with {len(value)} members")
        for key, inner in value.items():
            if key in names:
                check(shape.members[names[key]], inner, f"{place}.{key}", tell)
            else:
                tell(place, f"has {key}, which the model does not know")
    elif kind == "list":
        bounds(shape, len(value), place, tell)
        for index, inner in enumerate(value):
            check(shape.member, inner, f"{place}[{index}]", tell)
    elif kind == "map":
        bounds(shape, len(value), place, tell)
        for key, inner in value.items():
            check(shape.key, key, f"{place} key", tell)
            check(shape.value, inner, f"{place}.{key}", tell)
    elif kind == "string":
        if not isinstance(value, str):
            return tell(place, f"is {type(value).__name__} and no text")
        bounds(shape, len(value), place, tell)
        if shape.enum and value not in shape.enum:
            tell(place, f"is {value!r}, none of {shape.enum}")
        pattern = shape.metadata.get("pattern")
        if pattern and not regex.fullmatch(pattern, value):
            tell(place, f"does not match {pattern}: {value!r}")
    elif kind in ("integer", "long", "float", "double"):
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or (kind in ("integer", "long") and not isinstance(value, int)):
            return tell(place, f"is {value!r} and no {kind}")
        bounds(shape, value, place, tell)
    elif kind == "boolean" and not isinstance(value, bool):
        tell(place, f"is {value!r} and not true or false")
    elif kind == "blob":
        bounds(shape, len(value), place, tell)


def bounds(shape, size, place, tell):
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if (low is not None and size < low) or (high is not None and size > high):
        tell(place, f"is {size}, not within {low} and {high}")


def take(exchange):
    name = service(exchange)
    model = SESSION.get_service_model(name)
    op, uri = operation(model, exchange)
    if op is None:
        problems.append(f"{name}: no operation at {exchange['method']} {exchange['path']}?{exchange['query']}")
        return
    called = f"{name} {op.name}"
    seen[called] += 1

    def tell(place, what):
        problems.append(f"{called}: {place} {what}")

    arguments, unknown = request_of(op, exchange, uri)
    for key in unknown:
        tell("request", f"has {key}, which the model does not know")
    if op.input_shape:
        check(op.input_shape, arguments, "request", tell)
    answered = {
        "body": base64.b64decode(exchange["response_body"]),
        "status_code": exchange["status"],
        "headers": exchange["response_headers"],
    }
    if exchange["method"] == "HEAD" and exchange["status"] >= 300:
        return
    parsed = create_parser(model.metadata["protocol"]).parse(answered, op.output_shape)
    if exchange["status"] >= 300:
        code = parsed["Error"]["Code"]
        modelled = {error.name for error in op.error_shapes} | {error.error_code for error in op.error_shapes}
        if code not in modelled | COMMON:
            tell("error", f"{code} is none of {sorted(filter(None, modelled))}")
        return
    # The stand-in is ours, so its answers are held to all of the model. What an emulator adds to it is its own affair;
    # what the product reads of its answers must be as AWS would write it.
    if op.output_shape:
        read = {key: value for key, value in parsed.items() if key != "ResponseMetadata"}
        check(op.output_shape, response_of(op.output_shape, answered) if exchange["ours"] else read, "response", tell)


for line in sys.stdin:
    take(json.loads(line))
print(json.dumps({"seen": dict(sorted(seen.items())), "problems": sorted(set(problems))}))
