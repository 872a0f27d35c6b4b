"""The sources through the real boto3: SSM and S3 of moto, and stand-ins of what moto does not have."""

import functools
import hashlib
import json

import boto3
import pytest
from support import FakeClock, cases, put

from prompt_assay_client import AccessDenied, Damaged, Directory, NotFound, Unavailable
from prompt_assay_client import AppConfig as PatientAppConfig
from prompt_assay_client import Prompts as PatientPrompts
from prompt_assay_client import Ssm as PatientSsm

# On a busy machine an emulator may take its time; what happens after which time is the affair of `test_cache`.
Prompts = functools.partial(PatientPrompts, timeout=120)
Ssm = functools.partial(PatientSsm, seconds=60)
AppConfig = functools.partial(PatientAppConfig, seconds=60)


def test_ssm_reads_every_value_of_the_contract(aws):
    s3 = boto3.client("s3")
    read = 0
    prompts = Prompts(Ssm("/prod/{name}"))
    for number, case in enumerate(cases("values.json")):
        value = case["value"]
        for one in case.get("objects", ()):
            version = s3.put_object(Bucket="prompts", Key=one["key"], Body=one["content"].encode()).get("VersionId")
            value = value.replace(f'"versionId":"{one.get("version_id")}",', "")
            assert version is None
        put(aws, f"/prod/p{number}", value)
        if "error" in case:
            with pytest.raises(Damaged) as raised:
                prompts.get(f"p{number}")
            assert case["says"] in str(raised.value) and f"p{number}" in str(raised.value)
            s3.delete_object(Bucket="prompts", Key="k")
            continue
        assert prompts.get(f"p{number}").fingerprint == case["want"]["fingerprint"], case["name"]
        read += 1
    assert read > 15


def test_a_release_and_a_rollback_and_a_pinned_version(aws):
    clock = FakeClock()
    prompts = Prompts(Ssm("/prod/{name}"), clock=clock)
    put(aws, "/prod/p", "one")
    assert prompts.get("p").text == "one"
    put(aws, "/prod/p", "two")
    # Written, but not live yet: the label comes last.
    aws.put_parameter(Name="/prod/p", Value="three", Type="String", Overwrite=True)
    clock.time += 360
    assert (prompts.get("p").text, prompts.get("p").version) == ("two", 2)
    put(aws, "/prod/p", "one")
    clock.time += 360
    assert (prompts.get("p").text, prompts.get("p").version) == ("one", 4)
    assert prompts.get("p", version=2).text == "two"
    assert prompts.get("/prod/p", version=3).text == "three"
    put(aws, "/prod/p", "five", label="canary")
    assert prompts.get("p", label="canary").text == "five"
    assert Prompts(Ssm("/prod/{name}", label=None)).get("p").text == "five"


def test_a_secure_string_is_decrypted(aws):
    aws.put_parameter(Name="/prod/s", Value="secret", Type="SecureString")
    aws.label_parameter_version(Name="/prod/s", ParameterVersion=1, Labels=["live"])
    assert Prompts(Ssm("/prod/{name}")).get("s").text == "secret"


def test_what_is_missing_is_said_with_its_name(aws):
    put(aws, "/prod/p", "one")
    prompts = Prompts(Ssm("/prod/{name}"))
    with pytest.raises(NotFound, match=r"the parameter /prod/nobody:live does not exist: is it released\?"):
        prompts.get("nobody")
    with pytest.raises(NotFound, match="/prod/p:77"):
        prompts.get("p", version=77)
    with pytest.raises(NotFound, match="nobody"):
        prompts.prefetch(["p", "nobody"])


def test_an_object_that_is_lost_or_altered_never_replaces_the_copy(aws):
    s3, clock = boto3.client("s3"), FakeClock()
    prompts = Prompts(Ssm("/prod/{name}"), clock=clock)

    def point(text, body):
        key = f"k/{text[:1]}"
        s3.put_object(Bucket="prompts", Key=key, Body=body)
        digest = hashlib.sha256(text.encode()).hexdigest()
        pointer = {"v": 1, "kind": "s3", "uri": f"s3://prompts/{key}", "sha256": digest, "bytes": len(text)}
        put(aws, "/prod/p", json.dumps(pointer, separators=(",", ":")))
        clock.time += 360
        return key

    key = point("good " * 2000, b"good " * 2000)
    assert prompts.get("p").text == "good " * 2000
    s3.delete_object(Bucket="prompts", Key=key)
    clock.time += 360
    assert prompts.get("p").text.startswith("good"), "a content by its SHA-256 needs no second read"
    point("altered", b"alterEd")
    assert prompts.get("p").text.startswith("good")
    s3.delete_object(Bucket="prompts", Key=point("lost", b"lost"))
    clock.time += 360
    assert prompts.get("p").text.startswith("good")
    assert prompts.get("p").version == 1
    with pytest.raises(Damaged, match=r"the parameter /prod/p: s3://prompts/k/l.* does not exist"):
        Prompts(Ssm("/prod/{name}")).get("p")


def refusing(code, message, status=400):
    body = json.dumps({"__type": code, "message": message}).encode()
    return status, {"content-type": "application/x-amz-json-1.1"}, body


def test_denied_names_the_action_and_takes_nobody_else_along(stand_in, monkeypatch):
    def answer(method, path, query, headers, body):
        names = json.loads(body)["Names"]
        if any("secret" in name for name in names):
            action = "kms:Decrypt" if "key" in names[0] else "ssm:GetParameters"
            return refusing("AccessDeniedException", f"User: x is not authorized to perform: {action} on resource: y")
        found = [{"Name": name.partition(":")[0], "Value": "v", "Version": 1} for name in names]
        return 200, {}, json.dumps({"Parameters": found, "InvalidParameters": []}).encode()

    service = stand_in(answer)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", f"http://127.0.0.1:{service.port}")
    prompts = Prompts(Ssm("/prod/{name}"))
    with pytest.raises(AccessDenied, match="the role lacks `ssm:GetParameters`") as raised:
        prompts.prefetch(["a", "secret", "b"])
    assert raised.value.action == "ssm:GetParameters"
    assert (prompts.get("a").text, prompts.get("b").text) == ("v", "v")
    with pytest.raises(AccessDenied) as raised:
        prompts.get("secret-key")
    assert raised.value.action == "kms:Decrypt"


def test_a_throttled_batch_is_not_asked_one_by_one(stand_in, monkeypatch):
    service = stand_in(lambda *_: refusing("ThrottlingException", "Rate exceeded"))
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", f"http://127.0.0.1:{service.port}")
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(Unavailable, match="Rate exceeded"):
        Prompts(Ssm("/prod/{name}")).prefetch(["a", "b", "c"])
    assert len(service.seen) == 2


def test_nobody_there_is_said(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", "http://127.0.0.1:9")
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(Unavailable, match="the parameter /prod/p:live: Could not connect"):
        Prompts(Ssm("/prod/{name}")).get("p")


def test_inside_lambda_the_extension_is_asked_and_ssm_for_what_it_does_not_answer(aws, stand_in, monkeypatch):
    def answer(method, path, query, headers, body):
        assert headers["X-Aws-Parameters-Secrets-Token"] == "the token"
        assert path == "/systemsmanager/parameters/get" and query["withDecryption"] == "true"
        if query["name"] == "/prod/p" and query.get("version", "1") == "1":
            parameter = {"Name": query["name"], "Value": f"by {query.get('label')}", "Version": 1}
            return 200, {}, json.dumps({"Parameter": parameter, "ResultMetadata": {}}).encode()
        if query["name"] == "/prod/broken":
            return 200, {}, b"<html>"
        return 400, {}, b"not ready to serve traffic, please wait"

    extension = stand_in(answer)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "f")
    monkeypatch.setenv("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", str(extension.port))
    put(aws, "/prod/broken", "from ssm")
    source = Ssm("/prod/{name}")
    assert source.lag == 300
    prompts = Prompts(source)
    assert prompts.get("p").text == "by live"
    assert prompts.get("p", version=1).text == "by None"
    assert prompts.get("broken").text == "from ssm"
    with pytest.raises(NotFound):
        prompts.get("nobody")
    assert [query.get("version") or query.get("label") for _, _, query in extension.seen] == [
        "live",
        "1",
        "live",
        "live",
    ]


def test_without_the_extension_ssm_is_asked(aws, monkeypatch):
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "f")
    monkeypatch.setenv("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", "9")
    put(aws, "/prod/p", "one")
    assert Prompts(Ssm("/prod/{name}")).get("p").text == "one"


def test_the_agent_of_appconfig_is_asked(stand_in, monkeypatch):
    live = {"text": "Hi {name}"}

    def answer(method, path, query, headers, body):
        if path != "/applications/the%20shop/environments/prod/configurations/team%2Fp":
            return 404, {}, b"{}"
        return 200, {"Configuration-Version": "7", "Content-Type": "text/plain"}, live["text"].encode()

    agent = stand_in(answer)
    monkeypatch.setenv("AWS_APPCONFIG_EXTENSION_HTTP_PORT", str(agent.port))
    monkeypatch.setenv("AWS_ENDPOINT_URL_APPCONFIGDATA", "http://127.0.0.1:9")
    monkeypatch.setattr("time.sleep", lambda _: None)
    clock = FakeClock()
    prompts = Prompts(AppConfig("the shop", "prod", "team/{name}"), clock=clock)
    prompt = prompts.get("p")
    assert (prompt.version, prompt.source, prompt.render(name="Ada").text) == (7, "appconfig", "Hi Ada")
    # No envelope there: what looks like one is the text.
    live["text"] = '{"v":1,"kind":"text"}'
    clock.time += 330
    assert prompts.get("p").text == live["text"]
    with pytest.raises(NotFound, match="no version or label"):
        prompts.get("p", version=6)


class Sessions:
    """AppConfigData, as its documentation says: a token is good for one answer; nothing means as before."""

    def __init__(self):
        self.content, self.served, self.tokens, self.count = "one", {}, {}, 0
        self.interval, self.lose = 60, False

    def token(self, knows):
        self.count += 1
        self.tokens[f"t{self.count}"] = knows
        return f"t{self.count}"

    def __call__(self, method, path, query, headers, body):
        if path == "/configurationsessions":
            if json.loads(body)["ConfigurationProfileIdentifier"] == "nobody":
                return 404, {"x-amzn-ErrorType": "ResourceNotFoundException"}, b"{}"
            return 201, {}, json.dumps({"InitialConfigurationToken": self.token(None)}).encode()
        token = query["configuration_token"]
        if token not in self.tokens:
            return 400, {"x-amzn-ErrorType": "BadRequestException"}, b'{"Message": "the token was used"}'
        known = self.tokens.pop(token)
        if self.lose:
            self.lose = False
            return 500, {"x-amzn-ErrorType": "InternalServerException"}, b"{}"
        headers = {
            "Next-Poll-Configuration-Token": self.token(self.content),
            "Next-Poll-Interval-In-Seconds": str(self.interval),
        }
        return 200, headers, b"" if known == self.content else self.content.encode()


def test_without_the_agent_appconfigdata_is_asked(stand_in, monkeypatch):
    sessions = Sessions()
    service = stand_in(sessions)
    monkeypatch.setenv("AWS_ENDPOINT_URL_APPCONFIGDATA", f"http://127.0.0.1:{service.port}")
    monkeypatch.setattr("time.sleep", lambda _: None)
    clock = FakeClock()
    prompts = Prompts(AppConfig("shop", "prod", agent=False, clock=clock), clock=clock)
    assert prompts.get("p").text == "one"
    clock.time += 330
    assert prompts.get("p").text == "one", "an empty answer means as before"
    sessions.content = "two"
    clock.time += 330
    assert (prompts.get("p").text, prompts.get("p").version) == ("two", None)
    # The answer is lost, and its token with it: a new session.
    sessions.content, sessions.lose = "three", True
    clock.time += 330
    prompts.get("p")
    clock.time += 30
    assert prompts.get("p").text == "three"
    with pytest.raises(NotFound, match="the configuration shop/prod/nobody does not exist"):
        prompts.get("nobody")
    # It is not asked more often than it wants.
    sessions.interval = 3600
    clock.time += 330
    prompts.get("p")
    asked = len(service.seen)
    clock.time += 330
    prompts.get("p")
    assert len(service.seen) == asked


def test_a_directory_as_a_release_writes_it(tmp_path):
    text = "long"
    digest = hashlib.sha256(text.encode()).hexdigest()
    pointer = {"v": 1, "kind": "s3", "uri": "s3://released/prompts/x", "sha256": digest, "bytes": 4}
    folder = tmp_path / "parameters" / "try" / "p" / "@"
    folder.mkdir(parents=True)
    (folder / "1.json").write_text(json.dumps({"value": "one"}))
    (folder / "2.json").write_text(json.dumps({"value": json.dumps(pointer, separators=(",", ":"))}))
    (folder / "10.json").write_text(json.dumps({"value": "ten"}))
    (folder / "labels.json").write_text(json.dumps({"live": 2}))
    (tmp_path / "objects" / "prompts").mkdir(parents=True)
    (tmp_path / "objects" / "prompts" / "x").write_text(text)
    prompts = Prompts(Directory(tmp_path, "/try/{name}"))
    assert (prompts.get("p").text, prompts.get("p").version) == ("long", 2)
    assert prompts.get("p", version=1).text == "one"
    assert Prompts(Directory(tmp_path, "/try/{name}", label=None)).get("p").version == 10
    for odd in ("nobody", "../../etc", "a/../../p", ""):
        with pytest.raises(NotFound):
            prompts.get(odd)
    with pytest.raises(NotFound, match="no version with the label `canary`"):
        prompts.get("p", label="canary")
    (folder / "2.json").write_text(
        json.dumps({"value": json.dumps({**pointer, "uri": "s3://b/../../x"}, separators=(",", ":"))})
    )
    with pytest.raises(Damaged):
        Prompts(Directory(tmp_path, "/try/{name}")).get("p")
