//! Adapters: the models, stores and hosts behind the traits of the pure core.

pub mod scripted;
