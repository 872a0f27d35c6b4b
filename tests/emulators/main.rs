//! The program and its adapters against third-party software: emulators of AWS, AWS's own clients, GitHub's own
//! description, our clients in Python and Node, a browser. Needs Python, Node and Chromium, and installs pinned packages
//! on first use; so it is compiled only with `--features emulators`.

mod action;
mod appconfig_proxy;
mod batch;
mod browser;
mod deploy;
mod doctor;
mod emulator;
mod fault_proxy;
mod hostile;
mod in_between;
mod node_environment;
mod permissions;
mod ports;
mod python_environment;
mod release_appconfig;
mod release_aws;
mod release_prompt_management;
mod release_wire;
mod runtime;
mod same_rendering;
mod service_models;
mod shared_store;
mod standin_clients;
