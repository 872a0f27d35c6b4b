//! The module for Terraform is read as HCL, and every variable, local value and resource that an expression names is
//! declared. `terraform validate` would also check the arguments of resources, by providers from another registry.

use std::path::Path;
use std::process::Command;

use crate::python_environment;

#[test]
fn what_expressions_name_is_declared_and_what_is_declared_is_named() {
    let python = python_environment::python("terraform", &["python-hcl2==8.1.4"], "python-hcl2");
    let output = Command::new(python)
        .args(["-c", include_str!("terraform.py")])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/terraform"))
        .output()
        .expect("the virtual environment's python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stdout).trim_end(), @"
    files: appconfig.tf github.tf outputs.tf pipeline.tf policies.tf store.tf trust.tf variables.tf versions.tf
    named and not declared:
    declared and not named:
    ");
}
