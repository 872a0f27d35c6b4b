//! The outer layer: each adapter connects one trait of the core to an external system, and knows no
//! other adapter, except what a few of them share.

pub mod appconfig;
pub mod aws;
pub mod batch;
pub mod bedrock;
pub mod clock;
pub mod database;
pub mod directory;
pub mod files;
pub mod git;
pub mod github;
pub mod openai;
pub mod progress;
pub mod prompt_management;
pub mod refused;
pub mod s3;
pub mod scripted;
pub mod ssm;
pub mod tls;
pub mod watched;
