//! Release: what passed goes live, what was bad stays out. Live plus wanted becomes steps; the
//! stores it is done in are declared here and implemented by adapters.

pub mod outside;
