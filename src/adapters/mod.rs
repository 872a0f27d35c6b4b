//! The rim: each adapter ties one trait of the core to the world, and knows no other adapter.

pub mod git;
