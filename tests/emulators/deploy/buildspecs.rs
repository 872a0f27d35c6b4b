//! The two build stages of the pipeline, by the buildspecs' own commands and with CodeBuild's variables, against
//! emulators: models from the stand-in, stores from moto.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use prompt_assay_standin::Standin;
use prompt_assay_test_support::on_disk::Project;
use prompt_assay_test_support::rules_over_http;

use super::build::{Built, Machine, of_commit, of_pipeline};
use crate::emulator::{Emulator, boto3_says, environment};
use crate::python_environment;

const CONFIG: &str = "\
models: {branch: amazon.nova-lite-v1:0, main: amazon.nova-pro-v1:0}
release: {environments: {prod: {region: us-east-1, ssm: \"/prod/llm/{name}\"}}}
";

/// Rude answers to a rude prompt.
const RULES: &str = "rules:\n  - when: {system: rude}\n    text: Go away\ndefault: {text: Hello Ada}\n";

struct Pipeline {
    project: Project,
    moto: Emulator,
    standin: Standin,
}

impl Pipeline {
    fn new(bucket: &str) -> Self {
        let files = [
            ("prompt-assay.yaml", CONFIG),
            ("prompts.yaml", "greet: Be kind.\n"),
            (".gitignore", ".prompt-assay/\nevidence.json\n"),
        ];
        let project = Project::new(&files);
        project.write(
            "golden/greet.yaml",
            "cases:\n  - {id: a, input: Hi, checks: [{contains: Ada}], must_pass: true}\n",
        );
        project.commit("greet");
        let moto = Emulator::moto();
        boto3_says(
            &moto.url(),
            &format!("import boto3; boto3.client('s3').create_bucket(Bucket='{bucket}')"),
        );
        Self { project, moto, standin: rules_over_http::start(RULES) }
    }

    fn stage(
        &self,
        buildspec: &str,
        root: &Path,
        build: Vec<(&'static str, String)>,
        more: &[(&'static str, &str)],
    ) -> Built {
        let mut variables = environment(&self.moto.url());
        variables.push(("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", self.standin.url()));
        variables.push(("PROMPT_ASSAY_SHARED_STORE", "s3://answers/assay".to_owned()));
        variables.push(("REPORTS", "s3://artifacts/reports".to_owned()));
        variables.extend(build);
        variables.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        Machine::new().run(buildspec, root, &variables)
    }

    fn evaluate(&self, clone: &Project) -> Built {
        self.stage("buildspec.eval.yml", &clone.root(), of_pipeline(clone), &[])
    }

    /// With the artifact of the stage before, as CodePipeline lays it out.
    fn release(&self, clone: &Project, evaluated: &Built) -> Built {
        let before = tempfile::tempdir().expect("a directory");
        for (name, path) in &evaluated.artifacts {
            fs::copy(path, before.path().join(name)).expect("an artifact");
        }
        let before = before.path().display().to_string();
        let more = [("PROMPT_ASSAY_RELEASE", "prod"), ("CODEBUILD_SRC_DIR_Evaluated", before.as_str())];
        self.stage("buildspec.release.yml", &clone.root(), of_pipeline(clone), &more)
    }

    fn live(&self) -> String {
        let read = "import boto3\nssm = boto3.client('ssm')\ntry: print(ssm.get_parameter(Name='/prod/llm/greet:live')['Parameter']['Value'])\nexcept ssm.exceptions.ClientError: print('nothing')";
        boto3_says(&self.moto.url(), read)
    }
}

/// What junitparser reads of a JUnit report, which must follow the common schema.
fn read_by_others(report: &Path) -> String {
    let packages = ["junitparser==5.0.3", "xmlschema==4.3.2"];
    let python = python_environment::python("junit", &packages, "junitparser and xmlschema");
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emulators/deploy/junit-10.xsd");
    let output = Command::new(python)
        .args(["-c", include_str!("junit.py")])
        .args([report, &schema])
        .output()
        .expect("the virtual environment's python");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}");
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

/// Where the lines of a build's log that a person looks for begin.
fn lines(built: &Built, words: &[&str]) -> String {
    let told = built.told();
    let is_meant = |line: &&str| words.iter().any(|word| line.contains(word));
    told.lines().filter(is_meant).map(str::trim).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_merged_is_evaluated_in_one_stage_and_released_in_the_next() {
    let pipeline = Pipeline::new("answers");
    let clone = pipeline.project.cloned(&[]);
    let evaluated = pipeline.evaluate(&clone);
    assert_eq!(evaluated.status, 0, "{}", evaluated.told());
    assert_eq!(
        evaluated.exported,
        BTreeMap::from([("BUILD".to_owned(), "5f0e".to_owned()), ("VERDICT".to_owned(), "OK".to_owned())])
    );
    let names: Vec<&String> = evaluated.artifacts.keys().collect();
    assert_eq!(names, ["evidence.json", "report.html", "report.json", "report.md", "report.xml"]);
    let page = evaluated.uploaded.as_deref().expect("a page for the approval");
    assert!(page.contains("<html") && page.contains("greet"), "{page}");
    // Nothing is said to a runner that is not there.
    assert!(!evaluated.told().contains("::"), "{}", evaluated.told());
    let page = "https://us-east-1.console.aws.amazon.com/codesuite/codebuild/123456789012/projects/shop-evaluate/build/shop-evaluate%3A5f0e";
    let evidence = fs::read_to_string(&evaluated.artifacts["evidence.json"]).expect("evidence");
    assert!(evidence.contains(page), "{evidence}");
    assert_eq!(pipeline.live(), "nothing");
    // Another machine, with a clone of its own.
    let released = pipeline.release(&pipeline.project.cloned(&[]), &evaluated);
    assert_eq!(released.status, 0, "{}", released.told());
    assert_eq!(pipeline.live(), "Be kind.");
    let paid = pipeline.standin.counters().total;
    // The same commit again: nothing is bought twice, on whatever machine.
    let again = pipeline.evaluate(&pipeline.project.cloned(&[]));
    assert_eq!((again.status, pipeline.standin.counters().total), (0, paid), "{}", again.told());
}

#[test]
fn a_gate_that_fails_fails_the_build_and_leaves_its_report() {
    let pipeline = Pipeline::new("answers");
    let first = pipeline.evaluate(&pipeline.project.cloned(&[]));
    assert_eq!(first.status, 0, "{}", first.told());
    pipeline.project.edit("prompts.yaml", "Be kind.", "Be rude.");
    pipeline.project.commit("rude");
    let clone = pipeline.project.cloned(&[]);
    let evaluated = pipeline.evaluate(&clone);
    assert_eq!(evaluated.status, 1, "{}", evaluated.told());
    assert_eq!(evaluated.exported["VERDICT"], "REGRESSION");
    assert!(evaluated.uploaded.as_deref().is_some_and(|page| page.contains("Blocked: ")));
    let junit = fs::read_to_string(&evaluated.artifacts["report.xml"]).expect("the report");
    assert!(junit.contains("<failure"), "{junit}");
    insta::assert_snapshot!(read_by_others(&evaluated.artifacts["report.xml"]), @"
    greet: 2 tests, 2 failures, 0 errors, 0 skipped
      verdict: Failure
      a: Failure
    ");
    // Should the stage after it be started all the same.
    let released = pipeline.release(&pipeline.project.cloned(&[]), &evaluated);
    assert_ne!(released.status, 0, "{}", released.told());
    assert_eq!(pipeline.live(), "nothing");
}

#[test]
fn files_without_their_history_are_refused_with_the_setting_to_change() {
    let pipeline = Pipeline::new("answers");
    let commit = pipeline.project.git(&["rev-parse", "HEAD"]).trim().to_owned();
    // What CODE_ZIP hands over: the files, and nothing of Git.
    let archive = tempfile::tempdir().expect("a directory");
    let copied = Command::new("cp")
        .args(["-r", "prompts.yaml", "golden", "prompt-assay.yaml"])
        .arg(archive.path())
        .current_dir(pipeline.project.root())
        .status();
    assert!(copied.is_ok_and(|status| status.success()));
    let evaluated =
        pipeline.stage("buildspec.eval.yml", archive.path(), of_commit(archive.path(), &commit), &[]);
    assert_eq!(evaluated.status, 1);
    assert_eq!(evaluated.exported["VERDICT"], "NOT MEASURED");
    insta::assert_snapshot!(lines(&evaluated, &["error", "Git"]), @"error: the workspace holds no Git repository: give the build the repository with its history: in a project `GitCloneDepth: 0`, in a pipeline `OutputArtifactFormat: CODEBUILD_CLONE_REF` of its source action");
    // The release is refused for the same reason, whatever evidence it is given.
    let before = tempfile::tempdir().expect("a directory");
    fs::write(before.path().join("evidence.json"), "{}").expect("a file");
    let place = before.path().display().to_string();
    let more = [("PROMPT_ASSAY_RELEASE", "prod"), ("CODEBUILD_SRC_DIR_Evaluated", place.as_str())];
    let released =
        pipeline.stage("buildspec.release.yml", archive.path(), of_commit(archive.path(), &commit), &more);
    assert_eq!(released.status, 1);
    insta::assert_snapshot!(lines(&released, &["error", "Git"]), @"error: the workspace holds no Git repository: give the build the repository with its history: in a project `GitCloneDepth: 0`, in a pipeline `OutputArtifactFormat: CODEBUILD_CLONE_REF` of its source action");
    assert_eq!(pipeline.standin.counters().total, 0, "nothing was asked");
}

#[test]
fn a_clone_that_lacks_the_commit_before_is_refused_the_same_way() {
    let pipeline = Pipeline::new("answers");
    let clone = pipeline.project.cloned(&["--depth", "1"]);
    let evaluated = pipeline.evaluate(&clone);
    assert_eq!(evaluated.status, 1);
    insta::assert_snapshot!(lines(&evaluated, &["error", "clone"]), @"error: the commit 360f645 is not in this clone, and there is no token to read it from GitHub with: give the build the repository with its history: in a project `GitCloneDepth: 0`, in a pipeline `OutputArtifactFormat: CODEBUILD_CLONE_REF` of its source action");
}
