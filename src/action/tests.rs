//! Tests of the action's values.
