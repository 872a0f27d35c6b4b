//! The AppConfig settings of an environment: `appconfig: {application: …, environment: …}`.

use crate::document::{Fields, Shape};
use crate::problem::Problems;
use crate::release::names::profile_fault;

const APPCONFIG: Shape =
    Shape { name: "`appconfig`", keys: &["application", "environment", "profile", "strategy", "patience"] };
/// What stands for the prompt's name in a pattern.
const NAME: &str = "{name}";
/// All at once, with ten minutes in which an alarm may roll it back.
const STRATEGY: &str = "AppConfig.AllAtOnce";
/// Minutes for one deployment; AWS's own slowest strategy takes sixty.
const PATIENCE: u64 = 75;

/// A place in AppConfig, as configured: names or ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The application.
    pub application: String,
    /// Its environment.
    pub environment: String,
    /// The profile's name of prompts that give none, with `{name}` in it.
    pub profile: String,
    /// The deployment strategy.
    pub strategy: String,
    /// Minutes for which the end of one deployment is waited for.
    pub patience: u64,
}

/// Reads `appconfig` of an environment.
pub fn read(environment: &Fields<'_>, problems: &mut Problems) -> Option<Target> {
    let fields = environment.inner("appconfig", &APPCONFIG, problems)?;
    for other in ["directory", "ssm", "s3", "secure", "key", "advanced", "tags", "label", "prompt_management"]
    {
        environment.at_most_one(&["appconfig", other], problems);
    }
    let mut needed = |key: &str| {
        if !fields.has(key) {
            let problem = fields.source.error(fields.mark, format!("`appconfig` needs `{key}`"));
            problems.push(problem.help(format!("write {key}: with its name or id")));
        }
        fields.text(key, problems).map(str::to_owned)
    };
    let (application, within) = (needed("application"), needed("environment"));
    let profile = fields.text("profile", problems).unwrap_or(NAME).to_owned();
    if !profile.contains(NAME) {
        let message = "`profile` needs `{name}` instead of the prompt's name";
        problems.push(fields.error("profile", message).help("write, for example, prompt-{name}"));
    } else if let Some((message, help)) = profile_fault(&profile.replace(NAME, "name")) {
        problems.push(fields.error("profile", message).help(help));
    }
    let strategy = fields.text("strategy", problems).unwrap_or(STRATEGY).to_owned();
    let patience = fields.integer("patience", 1..=1440, problems).unwrap_or(PATIENCE);
    Some(Target { application: application?, environment: within?, profile, strategy, patience })
}

#[cfg(test)]
mod tests {
    use crate::release::settings::tests::reading;

    #[test]
    fn prompts_go_to_their_profiles_and_a_parameter_s_name_is_none() {
        let (settings, problems) = reading(
            "release:\n  default: prod\n  environments:\n    prod: {appconfig: {application: shop, environment: prod, profile: \"llm-{name}\"}}\n    dev: {ssm: \"/dev/{name}\"}\n",
            "a: A\nb: {text: B, release: {ssm: /x/b}}\nc: {text: C, release: {appconfig: greeting}}\nd: {text: D, release: {prod: {appconfig: other}}}\ne: {text: E, release: {prod: false}}\nf: {text: F, release: {ssm: /x/f, appconfig: f f}}\n",
        );
        assert_eq!(problems, "");
        let names = |environment: &str| {
            let environment = settings.environment(Some(environment)).unwrap();
            let name = |prompt| settings.destination(environment, prompt).map(|found| found.name);
            ["a", "b", "c", "d", "e", "f"].map(|prompt| name(prompt).unwrap_or_default())
        };
        assert_eq!(names("prod"), ["llm-a", "llm-b", "greeting", "other", "", "f f"]);
        assert_eq!(names("dev"), ["/dev/a", "/x/b", "/dev/c", "/dev/d", "/dev/e", "/x/f"]);
        let target = settings.environment(None).unwrap().appconfig.clone().unwrap();
        assert_eq!((target.strategy.as_str(), target.patience), ("AppConfig.AllAtOnce", 75));
    }

    #[test]
    fn every_mistake_is_said_with_its_place() {
        let (_, problems) = reading(
            "release:\n  environments:\n    prod:\n      appconfig:\n        application: shop\n        profile: prompts\n        stratgy: x\n        patience: 0\n      ssm: \"/prod/{name}\"\n      s3: {bucket: b}\n    dev: {appconfig: {application: shop, environment: dev, profile: \"llm/{name}\"}}\n    qa: {appconfig: shop}\n",
            "a: {text: A, release: {appconfig: x/y}}\nb: {text: B, release: {dev: {ssm: /b}}}\nc: {text: C, release: {dev: {appconfig: 7}}}\n\"d:e\": {text: D, release: {dev: {appconfig: fine}}}\n",
        );
        insta::assert_snapshot!(problems, @r#"
        error: `appconfig` needs `environment`
          --> prompt-assay.yaml:5:9
           |         application: shop
           = write environment: with its name or id

        error: `profile` needs `{name}` instead of the prompt's name
          --> prompt-assay.yaml:6:18
           |         profile: prompts
           = write, for example, prompt-{name}

        error: unknown key `stratgy` in `appconfig`
          --> prompt-assay.yaml:7:9
           |         stratgy: x
           = did you mean `strategy`?

        error: `patience` must be a whole number, at least 1 and at most 1440, found 0
          --> prompt-assay.yaml:8:19
           |         patience: 0

        error: `appconfig` and `ssm` exclude each other
          --> prompt-assay.yaml:9:7
           |       ssm: "/prod/{name}"
           = keep one of the two

        error: `appconfig` and `s3` exclude each other
          --> prompt-assay.yaml:10:7
           |       s3: {bucket: b}
           = keep one of the two

        error: the profile name `llm/name` holds '/'
          --> prompt-assay.yaml:11:69
           |     dev: {appconfig: {application: shop, environment: dev, profile: "llm/{name}"}}
           = use letters, digits, `_`, `.`, `-` and spaces only

        error: `appconfig` must be a mapping, found text
          --> prompt-assay.yaml:12:21
           |     qa: {appconfig: shop}
           = its keys are `application`, `environment`, `profile`, `strategy`, `patience`

        error: the profile name `x/y` holds '/'
          --> prompts.yaml:1:35
           | a: {text: A, release: {appconfig: x/y}}
           = use letters, digits, `_`, `.`, `-` and spaces only

        error: the profile name `llm/b` holds '/'
          --> prompts.yaml:2:1
           | b: {text: B, release: {dev: {ssm: /b}}}
           = name its profile: release: {appconfig: other}, or release: false

        error: `dev` is an environment of `appconfig`
          --> prompts.yaml:2:29
           | b: {text: B, release: {dev: {ssm: /b}}}
           = write dev: {appconfig: NAME}, or false

        error: the profile name `llm/c` holds '/'
          --> prompts.yaml:3:1
           | c: {text: C, release: {dev: {appconfig: 7}}}
           = name its profile: release: {appconfig: other}, or release: false

        error: a release target must be a name
          --> prompts.yaml:3:41
           | c: {text: C, release: {dev: {appconfig: 7}}}
           = write {ssm: /prod/llm/name}, {prod: {ssm: /prod/llm/name}}, or false

        error: the parameter name `/prod/d:e` holds ':'
          --> prompts.yaml:4:1
           | "d:e": {text: D, release: {dev: {appconfig: fine}}}
           = name its parameter: release: {ssm: /prod/llm/other}, or release: false
        "#);
    }
}
